import assert from "node:assert/strict";
import { LoadWindow } from "./load-window.ts";

describe("the load of the last minute", () => {
  let nowMs = 0;
  const at = (seconds: number): void => { nowMs = seconds * 1_000; };
  const window = (): LoadWindow => (at(1_000), new LoadWindow(() => nowMs));

  it("is a mean over the minute, or over the time since this hub leads", () => {
    const load = window();
    for (let second = 1_000; second < 1_010; second++) {
      at(second);
      for (let n = 0; n < 6; n++) load.started("builder");
    }
    at(1_010);
    assert.equal(load.measure()[0]!.startedPerSecond, 6);
    at(1_059);
    assert.ok(Math.abs(load.measure()[0]!.startedPerSecond - 60 / 59) < 1e-9);
  });

  it("forgets what is a minute old, says so once, and then nothing", () => {
    const load = window();
    load.started("builder");
    load.saw("builder", 4);
    at(1_059);
    assert.partialDeepStrictEqual(load.measure(), [{ type: "builder", held: 4 }]);
    at(1_060);
    assert.deepEqual(load.measure(), [{ type: "builder", startedPerSecond: 0, held: 0 }]);
    assert.deepEqual(load.measure(), []);
  });

  it("counts each look alike, and types apart", () => {
    const load = window();
    for (const held of [2, 4, 9]) load.saw("builder", held);
    load.saw("admin", 0);
    assert.deepEqual(load.measure().map(({ type, held }) => [type, held]), [["builder", 5], ["admin", 0]]);
  });

  it("begins anew with a new leadership", () => {
    const load = window();
    load.started("builder");
    at(1_030);
    load.begin();
    load.started("builder");
    at(1_032);
    assert.deepEqual(load.measure().map(({ startedPerSecond }) => startedPerSecond), [0.5]);
  });
});
