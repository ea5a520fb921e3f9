import assert from "node:assert/strict";
import { PermanentError, Unavailable, UserFault } from "../errors.ts";
import { Unroutable } from "../rabbitmq.ts";
import { taskErrorOf } from "./task-error.ts";

describe("task errors", () => {
  const cases: [unknown, string, boolean][] = [
    [new UserFault("m"), "bad_input", false],
    [new PermanentError("m"), "permanent", false],
    [new Unroutable("m"), "permanent", false],
    [new Unavailable("m"), "unavailable", true],
    [new TypeError("m"), "internal", true],
    ["m", "internal", true],
  ];
  for (const [thrown, code, retryable] of cases) {
    it(`${thrown instanceof Error ? thrown.name : "a string"} is ${code}, ${retryable ? "retryable" : "final"}`, () => {
      assert.deepEqual(taskErrorOf(thrown), { code, message: "m", retryable });
    });
  }

  it("cuts a message that is too long to travel", () => {
    assert.equal(taskErrorOf(new Error("x".repeat(100_000))).message.length, 2_000);
  });
});
