import assert from "node:assert/strict";
import { ALONE, CELLS, CONTROL, textOf, verdictsOf, type Cell, type Measured } from "./report.ts";

const measured = (p99s: Partial<Record<Cell, number[]>>, lists: Partial<Record<Cell, { whole: number; other: number; p99Ms: number }>> = {}): Measured => ({
  figures: new Map(CELLS.map((cell) => [cell, (p99s[cell] ?? [10, 20]).map((p99) => ({ rate: 100, tasks: 1, p50: 1, p99 }))])),
  lists: new Map(CELLS.map((cell) => [cell, lists[cell] ?? { whole: 9, other: 0, p99Ms: 1 }])),
  badCalls: new Map(CELLS.map((cell) => [cell, 1])),
});
const met = (of: Measured) => verdictsOf(of).map(({ cell, met: good }) => `${cell} ${good}`);

describe("report of bad backends", () => {
  it("compares within rounds, and allows what two quiet cells differ by", () => {
    assert.deepEqual(met(measured({ [ALONE]: [10, 20], hangs: [11, 22], lies: [15, 30] })), ["hangs true", "lies false", "floods true"]);
    assert.deepEqual(met(measured({ [ALONE]: [10, 20], [CONTROL]: [12, 28], lies: [14, 28] })), ["hangs true", "lies true", "floods true"]);
  });

  it("cannot tell on a machine where two quiet cells differ by half", () => {
    assert.deepEqual(met(measured({ [ALONE]: [10, 20], [CONTROL]: [16, 20] })), ["hangs null", "lies null", "floods null"]);
  });

  it("is not met where a list was once not whole, or never served", () => {
    assert.deepEqual(met(measured({}, { lies: { whole: 9, other: 1, p99Ms: 1 }, hangs: { whole: 0, other: 0, p99Ms: NaN } })), ["hangs false", "lies false", "floods true"]);
    assert.match(textOf(measured({}), 2), / ok  p99 beside one that floods to p99 alone: 1\.00, noise 1\.15/);
  });
});
