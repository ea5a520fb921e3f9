import assert from "node:assert/strict";
import fc from "fast-check";
import { FAST_SECONDS, SLOW_SECONDS, suggestReplicas, type QueueLoad } from "./suggestion.ts";

const queue: QueueLoad = { instances: 2, capacity: 8, pending: 0, active: 0, oldestSeconds: 0, startedPerSecond: 0, held: 0, most: 20 };
const suggested = (part: Partial<QueueLoad>): number => suggestReplicas({ ...queue, ...part }).replicas;

/** Any queue that has instances, within its range. */
const loads = fc.record({
  instances: fc.integer({ min: 1, max: 20 }), each: fc.integer({ min: 1, max: 64 }), pending: fc.nat(100_000), active: fc.nat(500),
  oldestSeconds: fc.double({ min: 0, max: 5_000, noNaN: true }), startedPerSecond: fc.double({ min: 0, max: 2_000, noNaN: true }),
  share: fc.double({ min: 0, max: 2, noNaN: true }), room: fc.nat(20),
}).map(({ each, share, room, ...load }): QueueLoad =>
  ({ ...load, capacity: load.instances * each, held: share * load.instances * each, most: load.instances + room }));

const withInstances = (load: QueueLoad, instances: number): QueueLoad => ({ ...load, instances, capacity: (load.capacity / load.instances) * instances });

describe("the suggested number of instances", () => {
  it("is one where work waits and nobody takes it", () => {
    assert.deepEqual(suggestReplicas({ ...queue, instances: 0, capacity: 0, pending: 5, active: 2, oldestSeconds: 90 }),
      { replicas: 1, reason: "7 tasks and no instance that takes them" });
  });

  it("is so many more as work off in a minute what waits, at most twice as many", () => {
    const slow = { oldestSeconds: 40, active: 16, held: 16 };
    assert.equal(suggested({ ...slow, instances: 4, pending: 300, active: 8, startedPerSecond: 20 }), 5, "300 in a minute are 5/s, one instance's share");
    assert.equal(suggested({ ...slow, pending: 100_000, startedPerSecond: 20 }), 4);
    assert.equal(suggested({ ...slow, pending: 5 }), 4, "tasks of many minutes: 5 and the 8 behind them fill two more");
  });

  it("says why, with the figure that decided", () => {
    assert.equal(suggestReplicas({ ...queue, pending: 12, oldestSeconds: 42.4, startedPerSecond: 1 }).reason, "tasks wait 42 s, 12 of them");
    assert.equal(suggestReplicas({ ...queue, instances: 3, capacity: 12, held: 0.25 }).reason, "0.3 of 12 places in use");
    assert.match(suggestReplicas({ ...queue, instances: 20, pending: 12, oldestSeconds: 42 }).reason, /ports allow no more than 20/);
  });

  it("counts what waits in the broker behind long tasks, although none is pending", () => {
    assert.equal(suggested({ oldestSeconds: 600, active: 16 }), 4);
  });

  it("is fewer when half of what is left would do", () => {
    assert.equal(suggested({ instances: 8, capacity: 32, held: 3.9 }), 2);
    assert.equal(suggested({ instances: 8, capacity: 32, held: 16 }), 8);
    assert.equal(suggested({ instances: 1, capacity: 4 }), 1, "never none");
  });

  it("stays within 1 and what the ports allow", () => {
    fc.assert(fc.property(loads, (load) => {
      const { replicas } = suggestReplicas(load);
      assert.ok(Number.isInteger(replicas) && replicas >= 1 && replicas <= load.most, JSON.stringify({ load, replicas }));
    }));
  });

  it("never asks for fewer while anything waits, nor for more while nothing waits long", () => {
    fc.assert(fc.property(loads, (load) => {
      const { replicas } = suggestReplicas(load);
      if (load.pending > 0 || load.oldestSeconds >= FAST_SECONDS) assert.ok(replicas >= load.instances);
      if (load.oldestSeconds <= SLOW_SECONDS) assert.ok(replicas <= load.instances);
    }));
  });

  it("never asks for fewer because more waits", () => {
    fc.assert(fc.property(loads, fc.nat(10_000), (load, more) => {
      assert.ok(suggested({ ...load, pending: load.pending + more }) >= suggested(load));
    }));
  });

  it("stays where it is once it was followed down and the load goes on", () => {
    fc.assert(fc.property(loads, (any) => {
      const load = { ...any, pending: 0, active: 0, oldestSeconds: 0 };
      const { replicas } = suggestReplicas(load);
      assert.equal(suggested(withInstances(load, replicas)), replicas);
    }));
  });

  it("does not take back what it gave while the work that filled the old instances goes on", () => {
    fc.assert(fc.property(loads, (any) => {
      const load = { ...any, oldestSeconds: 60, pending: any.pending + 1 };
      const { replicas } = suggestReplicas(load);
      const caughtUp = { ...withInstances(load, replicas), pending: 0, active: 0, oldestSeconds: 0, held: load.capacity };
      assert.equal(suggested(caughtUp), replicas);
    }));
  });
});
