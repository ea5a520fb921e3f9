import assert from "node:assert/strict";
import { RateLimit } from "./rate-limit.ts";

describe("calls a minute", () => {
  let now = 0;
  const taken = (limit: RateLimit, times: number, perMinute: number, caller = "user:ada"): number =>
    Array.from({ length: times }, () => limit.take(caller, perMinute)).filter((wait) => wait === 0).length;
  beforeEach(() => { now = 0; });

  it("are counted by caller, and the one beyond is told when to come back", () => {
    const limit = new RateLimit(1, () => now);
    assert.equal(taken(limit, 10, 3), 3);
    assert.equal(limit.take("user:ada", 3), 20);
    assert.equal(taken(limit, 1, 3, "user:bob"), 1);
    now += 20_000;
    assert.equal(taken(limit, 5, 3), 1);
  });

  it("are shared by the hubs, so that two hubs do not let through twice as many", () => {
    const hubs = [new RateLimit(2, () => now), new RateLimit(2, () => now)];
    assert.equal(hubs.reduce((sum, hub) => sum + taken(hub, 100, 60), 0), 60);
  });

  it("do not pile up while nobody calls", () => {
    const limit = new RateLimit(1, () => now);
    taken(limit, 10, 10);
    now += 3_600_000;
    assert.equal(taken(limit, 100, 10), 10);
  });

  it("keep no caller in memory that has not called for a minute", () => {
    const limit = new RateLimit(1, () => now);
    for (let n = 0; n < 30_000; n++) {
      now += 10;
      limit.take(`user:${n}`, 10);
    }
    assert.equal(taken(limit, 11, 10), 10);
  });
});
