import assert from "node:assert/strict";
import fc from "fast-check";
import { EchoInput } from "../../contract/tasks.ts";
import { drawTask } from "./mix.ts";

const workers = [{ type: "coordinator", capacity: 90 }, { type: "builder", capacity: 10 }];

describe("the mix of the load", () => {
  it("consists of inputs that echo takes, and its poison can never succeed", () => {
    fc.assert(fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (chances) => {
      const { input, maxAttempts, poison } = drawTask(workers, () => chances.next().value!);
      const { failTimes } = EchoInput.parse(input);
      assert.equal(poison, failTimes > 1);
      if (poison) assert.ok(maxAttempts !== undefined && failTimes > maxAttempts);
    }));
  });

  it("has every kind, priority and type, in proportion", () => {
    const drawn = Array.from({ length: 20_000 }, () => drawTask(workers));
    const share = (chosen: (task: (typeof drawn)[number]) => boolean): number => drawn.filter(chosen).length / drawn.length;
    for (const [what, found, expected] of [
      ["builder", share(({ type }) => type === "builder"), 0.1],
      ["poison", share(({ poison }) => poison), 0.01],
      ["retried", share(({ input }) => input.failTimes === 1), 0.1],
      ["padded", share(({ input }) => input.padBytes !== undefined), 0.1],
      ["long", share(({ input }) => (input.sleepMs ?? 0) >= 1_000), 0.25],
      ["high", share(({ priority }) => priority === "high"), 0.2],
      ["low", share(({ priority }) => priority === "low"), 0.2],
    ] as const) assert.ok(Math.abs(found - expected) < expected / 2, `${what}: ${found}`);
  });
});
