import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { figureOf, median, medianFigure, medianRatio, quantile } from "./statistics.ts";

const rate = (value: number) => ({ rate: value, tasks: 1 });

describe("figures of a benchmark", () => {
  it("take the middle of rounds, or the mean of the two in the middle", () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([8, 1, 4, 2]), 3);
  });

  it("tell the latency that half, and all but one in a hundred, stayed below", () => {
    const latencies = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual(figureOf(latencies, 2), { rate: 50, tasks: 100, p50: 51, p99: 100 });
    assert.equal(quantile([7], 0.99), 7);
  });

  it("compare within a round, so that a slow minute of the machine does not count", () => {
    const ours = [rate(100), rate(10), rate(120)];
    const theirs = [rate(50), rate(5), rate(40)];
    assert.equal(medianRatio(ours, theirs), 2);
    assert.equal(ours[1]!.rate / medianFigure(theirs)!.rate, 0.25, "which medians alone would hide");
  });

  it("are absent, not nought, where a contestant has none", () => {
    assert.equal(medianFigure([null, null]), null);
    assert.equal(medianRatio([rate(1)], [null]), null);
    assert.equal(medianRatio([rate(1)], []), null);
    assert.equal(medianRatio([null, rate(4)], [rate(9), rate(2)]), 2);
  });
});
