import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs, RECONNECT, sleep, untilDone } from "./backoff.ts";

const FAST = { firstMs: 1, maxMs: 2 };

describe("backoff", () => {
  it("doubles from the first delay up to the limit", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6].map((failures) => backoffMs(failures, RECONNECT, 0)), [200, 400, 800, 1600, 2000, 2000]);
  });

  it("takes off at most a fifth, and never exceeds the limit however long it goes on", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 0.999999, noNaN: true }), (failures, random) => {
      const full = backoffMs(failures, RECONNECT, 0);
      const delay = backoffMs(failures, RECONNECT, random);
      return delay <= full && delay >= full * 0.8 - 1 && full <= RECONNECT.maxMs;
    }));
  });

  it("calls until it succeeds, and tells of each failure with its number", async () => {
    const failures: number[] = [];
    let calls = 0;
    const result = await untilDone(async () => {
      if (++calls < 4) throw new Error("not yet");
      return "done";
    }, { backoff: FAST, onFailure: (_error, n) => failures.push(n) });
    assert.deepEqual([result, failures], ["done", [1, 2, 3]]);
  });

  it("gives up when told so by onFailure", async () => {
    await assert.rejects(untilDone(async () => { throw new Error("hopeless"); }, { backoff: FAST, onFailure: (error) => { throw error; } }), /hopeless/);
  });

  it("ends with the signal's reason, also in the middle of a delay", async () => {
    const controller = new AbortController();
    const waiting = untilDone(async () => { throw new Error("away"); }, { backoff: { firstMs: 60_000, maxMs: 60_000 }, signal: controller.signal });
    setImmediate(() => controller.abort(new Error("stopping")));
    await assert.rejects(waiting, /stopping/);
    await assert.rejects(sleep(60_000, controller.signal), /stopping/);
  });
});
