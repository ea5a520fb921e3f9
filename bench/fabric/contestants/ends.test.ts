import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Ends } from "./ends.ts";

const settled = (promise: Promise<void>): Promise<boolean> => Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

describe("ends of tasks", () => {
  it("reach who waits, and nobody else", async () => {
    const ends = new Ends();
    const [one, two] = [ends.of("1"), ends.of("2")];
    ends.hear("1");
    assert.deepEqual([await settled(one), await settled(two)], [true, false]);
  });

  it("are kept for who comes later, once", async () => {
    const ends = new Ends();
    ends.hear("1");
    assert.equal(await settled(ends.of("1")), true);
    assert.equal(await settled(ends.of("1")), false);
  });
});
