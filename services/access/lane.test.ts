import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "mocha";
import { Lane } from "./lane.ts";

describe("a lane", () => {
  it("runs tasks one after the other, in order, whatever they take and also after a failure", async () => {
    const lane = new Lane();
    const seen: string[] = [];
    const task = (name: string, ms: number, fails = false) => lane.run(async () => {
      seen.push(`${name} begins`);
      await sleep(ms);
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
    const results = await Promise.allSettled([task("a", 20), task("b", 5, true), task("c", 1)]);
    assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  });

  it("is idle before and after", async () => {
    const lane = new Lane();
    assert.equal(lane.idle, true);
    const running = lane.run(() => sleep(1));
    assert.equal(lane.idle, false);
    await running;
    await sleep(0);
    assert.equal(lane.idle, true);
  });
});
