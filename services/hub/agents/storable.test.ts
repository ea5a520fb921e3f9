import assert from "node:assert/strict";
import { RESULT_LIMIT_BYTES, type ResultMessage } from "../../../contract/bus.ts";
import { storable, withinLimit } from "./storable.ts";

const result: ResultMessage = { taskId: "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11", attempt: 2, agentId: "builder-1", outcome: "succeeded", result: { n: 1 } };

describe("a result that cannot be stored", () => {
  it("fails its task for good when it is too large, and says what to do", () => {
    const { outcome, error, attempt, ...rest } = withinLimit(result, RESULT_LIMIT_BYTES * 2);
    assert.deepEqual([outcome, attempt, error?.code, error?.retryable, "result" in rest], ["failed", 2, "result_too_large", false, false]);
    assert.match(error!.message, /8388608 bytes; at most 4194304/);
  });

  it("is let through up to the limit", () => assert.equal(withinLimit(result, RESULT_LIMIT_BYTES), result));

  it("fails its task for good when it holds what PostgreSQL refuses", () => {
    assert.partialDeepStrictEqual(storable({ ...result, result: "a\u0000b" }), { outcome: "failed", error: { code: "unstorable", retryable: false } });
  });

  it("keeps an error's meaning, without the characters", () => {
    const error = { code: "internal", message: "bad byte \u0000 and half a pair \ud800", retryable: true };
    assert.deepEqual(storable({ ...result, outcome: "failed", error }).error, { code: "internal", message: "bad byte \ufffd and half a pair \ufffd", retryable: true });
  });

  it("keeps what was handed back handed back", () => assert.equal(storable({ ...result, outcome: "returned" }).outcome, "returned"));
});
