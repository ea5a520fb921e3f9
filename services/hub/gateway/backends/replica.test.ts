import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Breaker, BREAKER } from "./breaker.ts";
import { Replica } from "./replica.ts";

describe("a replica that is left alone", function () {
  this.timeout(10_000);
  const opened = (breaker = new Breaker()): Replica => {
    const replica = new Replica("127.0.0.1", 9, breaker);
    for (let n = 0; n < BREAKER.failures; n++) breaker.failed();
    return replica;
  };

  it("is probed after its pause also when a timer is ahead of the clock", async () => {
    const started = Date.now();
    const replica = opened(new Breaker(() => started + (Date.now() - started) * 0.9));
    let probes = 0;
    replica.probe(async () => { probes++; });
    await sleep(1_500);
    assert.deepEqual([probes, replica.breaker.closed], [1, true]);
    await replica.close(0);
  });

  it("is probed again, after longer, until one succeeds", async () => {
    const replica = opened();
    const at: number[] = [];
    const started = performance.now();
    replica.probe(async () => {
      at.push(performance.now() - started);
      if (at.length === 1) throw new Error("still away");
    });
    await sleep(3_500);
    assert.equal(at.length, 2);
    assert.ok(at[1]! - at[0]! >= 1_900, `probes at ${at.map(Math.round).join(" and ")} ms`);
    assert.ok(replica.breaker.closed);
    await replica.close(0);
  });

  it("is not probed once a call under way has succeeded", async () => {
    const replica = opened();
    let probes = 0;
    replica.probe(async () => { probes++; });
    replica.breaker.succeeded();
    await sleep(1_300);
    assert.equal(probes, 0);
    await replica.close(0);
  });
});
