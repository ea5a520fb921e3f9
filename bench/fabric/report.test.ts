import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Cell, Results } from "./measure/rounds.ts";
import { reportOf, textOf, type Measured } from "./report.ts";

const results = (rates: Record<string, Partial<Record<Cell, (number | null)[]>>>): Results => new Map(Object.entries(rates).map(([name, cells]) =>
  [name, new Map(Object.entries(cells).map(([cell, values = []]) => [cell as Cell, values.map((rate) => (rate === null ? null : { rate, tasks: 1, p50: 4, p99: 9 }))]))]));
const measured = (rates: Parameters<typeof results>[0], more: Partial<Measured> = {}): Measured =>
  ({ rounds: 3, results: results(rates), failures: [], notes: {}, costs: {}, bursts: [], ...more });
const aim = (of: Measured, start: string) => reportOf(of).aims.find((found) => found.aim.startsWith(start))!;

describe("report of a benchmark", () => {
  it("compares ours with each peer in the same rounds", () => {
    const { ratios } = reportOf(measured({ fabric: { "no-op × 64": [100, 20] }, BullMQ: { "no-op × 64": [50, 10] }, "bare AMQP": { "no-op × 64": [400, 80] } }));
    assert.equal(ratios["BullMQ"]!["no-op × 64"], 2);
    assert.equal(ratios["bare AMQP"]!["no-op × 64"], 0.25);
  });

  it("invents no ratio to a peer that did not take part", () => {
    const without = measured({ fabric: { "no-op × 64": [100] }, Celery: { "no-op × 64": [null] } }, { failures: [{ contestant: "Celery", reason: "cannot be installed" }] });
    assert.equal(reportOf(without).ratios["Celery"]!["no-op × 64"], undefined);
    assert.equal(reportOf(without).ratios["BullMQ"], undefined);
    assert.deepEqual(aim(without, "no-op × 64 to Celery"), { aim: "no-op × 64 to Celery ≥ 10", value: null, met: null });
    assert.match(textOf(reportOf(without)), /Celery is absent: cannot be installed/);
  });

  it("holds the bulk call against the limit's burst, as the limit has no bulk call", () => {
    const { ratios } = reportOf(measured({ fabric: { "bulk burst": [60] }, "bare AMQP": { burst: [80] } }));
    assert.equal(ratios["bare AMQP"]!["bulk burst"], 0.75);
  });

  it("says which aims are met and which are not", () => {
    const run = measured(
      { fabric: { "no-op × 64": [60], burst: [40], "no-op × 1": [9] }, "bare AMQP": { "no-op × 64": [100], burst: [100] } },
      { bursts: [100, 120, 90], costs: { fabric: { tasks: 1, flushesPerTask: 0.51, cpuMsPerTask: {} } } },
    );
    assert.deepEqual([aim(run, "no-op × 64 to the bare").met, aim(run, "burst to").met], [true, false]);
    assert.equal(aim(run, "p50").met, true);
    assert.equal(aim(run, "flushes").met, false);
    assert.deepEqual(aim(run, "bursts in a row").value, 120 / 90);
  });
});
