import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Contestant } from "../contestants/contestant.ts";
import { CELLS, inTurn, runRounds } from "./rounds.ts";

const BOUNDS = { rounds: 2, ms: 1, burst: 5_000 };

function contestant(name: string, calls: string[], broken = false): Contestant {
  const figure = (what: string) => {
    calls.push(`${name} ${what}`);
    return broken ? Promise.reject(new Error("out of order")) : Promise.resolve({ rate: 1, tasks: 1 });
  };
  return {
    name, note: "", burstOf: (tasks) => Math.min(tasks, 100),
    start: () => Promise.resolve(), stop: () => Promise.resolve(),
    steady: (inFlight, _ms, bytes) => figure(`${bytes}/${inFlight}`),
    burst: (tasks) => figure(`burst ${tasks}`),
    bulkBurst: () => Promise.resolve(null),
  };
}

describe("rounds of a benchmark", () => {
  it("let all contestants do a cell before the next, beginning with another each round", async () => {
    const calls: string[] = [];
    const { results } = await runRounds([contestant("a", calls), contestant("b", calls)], BOUNDS, "a", () => undefined);
    const counted = calls.slice(2);
    assert.deepEqual(counted.slice(0, 4), ["a 0/1", "b 0/1", "a 0/8", "b 0/8"]);
    assert.deepEqual(counted.slice(14, 16), ["b 0/1", "a 0/1"]);
    for (const cell of CELLS) assert.equal(results.get("b")!.get(cell)!.length, 2, cell);
  });

  it("ask a contestant for no larger burst than it can do", async () => {
    const calls: string[] = [];
    await runRounds([contestant("a", calls)], BOUNDS, "a", () => undefined);
    assert.ok(calls.includes("a burst 100"));
  });

  it("go on without a peer that fails, whose figures are then absent", async () => {
    const calls: string[] = [];
    const { results, failures } = await runRounds([contestant("a", calls), contestant("b", calls, true)], BOUNDS, "a", () => undefined);
    assert.deepEqual(failures, [{ contestant: "b", reason: "Error: out of order" }]);
    assert.equal(calls.filter((call) => call.startsWith("b")).length, 1);
    assert.deepEqual(results.get("b")!.get("burst"), [null, null]);
    assert.equal(results.get("a")!.get("burst")!.every((figure) => figure !== null), true);
  });

  it("end when ours fails", async () => {
    await assert.rejects(runRounds([contestant("a", [], true)], BOUNDS, "a", () => undefined), { message: "out of order" });
  });

  it("turn like a wheel", () => {
    assert.deepEqual([0, 1, 2, 3].map((round) => inTurn(["a", "b", "c"], round).join("")), ["abc", "bca", "cab", "abc"]);
  });
});
