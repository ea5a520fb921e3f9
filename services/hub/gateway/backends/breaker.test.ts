import assert from "node:assert/strict";
import { Breaker, BREAKER } from "./breaker.ts";

describe("the breaker of a backend", () => {
  let now: number;
  let breaker: Breaker;
  const fail = (times: number): boolean[] => Array.from({ length: times }, () => breaker.failed());
  beforeEach(() => {
    now = 0;
    breaker = new Breaker(() => now);
  });

  it("opens at the fifth failure in a row, and not when a success came between", () => {
    fail(BREAKER.failures - 1);
    breaker.succeeded();
    assert.deepEqual(fail(BREAKER.failures), [false, false, false, false, true]);
    assert.equal(breaker.state, "open");
  });

  it("lets one probe through once its pause is over, and closes when that succeeds", () => {
    fail(BREAKER.failures);
    assert.equal(breaker.tryProbe(), false);
    now = BREAKER.firstPauseMs;
    assert.deepEqual([breaker.tryProbe(), breaker.tryProbe()], [true, false]);
    breaker.succeeded();
    assert.ok(breaker.closed);
  });

  it("pauses twice as long after each probe that fails, up to a limit, and short again after it was closed", () => {
    fail(BREAKER.failures);
    const pauses: number[] = [];
    for (let n = 0; n < 8; n++) {
      pauses.push(breaker.pauseMs);
      now += breaker.pauseMs;
      assert.ok(breaker.tryProbe());
      breaker.failed();
    }
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    now += breaker.pauseMs;
    breaker.tryProbe();
    breaker.succeeded();
    fail(BREAKER.failures);
    assert.equal(breaker.pauseMs, BREAKER.firstPauseMs);
  });
});
