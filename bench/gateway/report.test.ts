import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { aimsOf, CONTEXTFORGE, DIRECT, HUB, textOf, type Measured } from "./report.ts";

const figure = (rate: number, p50 = 1) => ({ rate, tasks: 1, p50, p99: 9 });
const measured = (more: Partial<Measured> = {}): Measured => ({
  rounds: 2, results: new Map([[DIRECT, new Map([[1, [figure(1_000), figure(500)]]])], [HUB, new Map([[1, [figure(800), figure(400)]]])]]),
  lists: {}, hubCpuMs: {}, long: [], absent: [], ...more,
});
const aim = (of: Measured, start: string) => aimsOf(of).find((found) => found.aim.startsWith(start))!;

describe("report of the gateway's benchmark", () => {
  it("compares within a round, so that a slow minute slows both", () => {
    assert.deepEqual(aim(measured(), "hub to direct at 1"), { aim: "hub to direct at 1 ≥ 0.75", value: 0.8, met: true });
  });

  it("compares with a peer where there was one, and says what is left out where there was none", () => {
    const peer = new Map([...measured().results, [CONTEXTFORGE, new Map([[1, [figure(10), figure(8)]]])]]);
    assert.deepEqual(aim(measured({ results: peer }), "hub to ContextForge at 1"), { aim: "hub to ContextForge at 1 ≥ 50", value: 65, met: true });
    assert.match(textOf(measured({ absent: ["ContextForge: cannot be installed"] })), /absent: ContextForge: cannot be installed/);
  });

  it("calls what was not measured neither met nor missed", () => {
    assert.deepEqual(aim(measured(), "edge + hub to direct at 32"), { aim: "edge + hub to direct at 32 ≥ 0.75", value: null, met: null });
    assert.match(textOf(measured({ absent: ["edge: no nginx"] })), /not measured[\s\S]*absent: edge: no nginx/);
  });

  it("finds growth from the warm-up of a long run to its end", () => {
    const kept = (calls: number, rssMiB: number, heapMiB: number) => ({ calls, vanished: 1, rssMiB, heapMiB, externalMiB: 5, descriptors: 20 });
    const long = [kept(0, 100, 20), kept(1, 90, 20), kept(2, 110, 21)];
    assert.deepEqual(["resident", "heap", "descriptors"].map((what) => aim(measured({ long }), what).met), [false, true, true]);
    assert.equal(aim(measured({ lists: { "10 × 20": figure(1, 1.2) } }), "tools/list").met, false);
  });
});
