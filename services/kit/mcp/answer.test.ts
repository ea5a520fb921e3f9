import assert from "node:assert/strict";
import { PermanentError, Unavailable, UserFault } from "../errors.ts";
import { failure, success } from "./answer.ts";

const open = new AbortController().signal;

describe("mcp answers", () => {
  it("carry the output twice: structured, and as text for older clients", () => {
    const { result } = success({ price: "1.5", stale: false });
    assert.deepEqual(result.structuredContent, { price: "1.5", stale: false });
    assert.deepEqual(JSON.parse((result.content[0] as { text: string }).text), result.structuredContent);
    assert.equal(result.isError, undefined);
  });

  const cases: [unknown, AbortSignal, string, RegExp][] = [
    [new UserFault("No pool lends it. Call list_pools."), open, "user_fault", /^No pool lends it\. Call list_pools\.$/],
    [new PermanentError("This chain has no such block."), open, "user_fault", /no such block/],
    [new Unavailable("The chain does not answer."), open, "unavailable", /does not answer\. Try again/],
    [new Error("aborted"), AbortSignal.abort(), "cancelled", /cancelled/],
    [new Error("password=hunter2"), open, "internal", /^internal error, id [0-9a-f-]{36}$/],
    ["a thrown string", open, "internal", /^internal error/],
  ];
  for (const [thrown, signal, outcome, text] of cases) {
    it(`tell ${outcome} for ${thrown instanceof Error ? thrown.name : typeof thrown}`, () => {
      const answer = failure(thrown, signal);
      assert.equal(answer.outcome, outcome);
      assert.equal(answer.result.isError, true);
      assert.match((answer.result.content[0] as { text: string }).text, text);
      assert.equal(answer.errorId !== undefined, outcome === "internal");
    });
  }
});
