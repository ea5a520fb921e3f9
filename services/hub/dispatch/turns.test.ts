import assert from "node:assert/strict";
import fc from "fast-check";
import { pickInTurn, type Candidate, type Turns } from "./turns.ts";

const queue = fc.array(
  fc.record({ urgency: fc.integer({ min: 0, max: 2 }), caller: fc.constantFrom("ann", "bob", "cleo", "dan") }),
  { maxLength: 60 },
).map((entries): Candidate[] => entries.map((entry, age) => ({ ...entry, id: String(age), type: "builder" })));

const lane = (caller: string, count: number, urgency = 1): Candidate[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${caller}-${n}`, type: "builder", urgency, caller }));

describe("the order of dispatch", () => {
  it("fills the room and never exceeds it", () => {
    fc.assert(fc.property(queue, fc.nat(80), (candidates, room) => {
      const picked = pickInTurn(candidates, room, new Map());
      assert.equal(picked.length, Math.min(room, candidates.length));
      assert.equal(new Set(picked.map((task) => task.id)).size, picked.length);
    }));
  });

  it("leaves no task behind that is more urgent than one it took", () => {
    fc.assert(fc.property(queue, fc.nat(80), (candidates, room) => {
      const picked = new Set(pickInTurn(candidates, room, new Map()));
      const left = candidates.filter((task) => !picked.has(task));
      const least = Math.max(-1, ...[...picked].map((task) => task.urgency));
      assert.ok(left.every((task) => task.urgency >= least));
    }));
  });

  it("keeps the order of age within one caller and urgency", () => {
    fc.assert(fc.property(queue, fc.nat(80), (candidates, room) => {
      const picked = pickInTurn(candidates, room, new Map());
      for (const mine of Map.groupBy(picked, (task) => `${task.urgency} ${task.caller}`).values()) {
        const ages = mine.map((task) => Number(task.id));
        assert.deepEqual(ages, ages.toSorted((a, b) => a - b));
        const all = candidates.filter((task) => task.urgency === mine[0]!.urgency && task.caller === mine[0]!.caller);
        assert.deepEqual(mine, all.slice(0, mine.length));
      }
    }));
  });

  it("serves backlogged callers equally over many small batches", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 40 }), (rooms) => {
      const lanes = new Map([["ann", lane("ann", 400)], ["bob", lane("bob", 400)], ["cleo", lane("cleo", 400)]]);
      const served = new Map([...lanes.keys()].map((caller) => [caller, 0]));
      const turns: Turns = new Map();
      for (const room of rooms) {
        for (const task of pickInTurn([...lanes.values()].flat(), room, turns)) {
          lanes.get(task.caller)!.shift();
          served.set(task.caller, served.get(task.caller)! + 1);
        }
        const counts = [...served.values()];
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `unequal after rooms ${rooms}: ${counts}`);
      }
    }));
  });

  it("gives a newcomer the next turn, before those who were just served", () => {
    const turns: Turns = new Map();
    pickInTurn(lane("ann", 5), 3, turns);
    const picked = pickInTurn([...lane("ann", 5), ...lane("zoe", 5)], 1, turns);
    assert.deepEqual(picked.map((task) => task.caller), ["zoe"]);
  });
});
