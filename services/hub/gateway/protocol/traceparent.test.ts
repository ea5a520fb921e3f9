import assert from "node:assert/strict";
import { traceIdOf } from "../../../kit/log.ts";
import { newTraceparent } from "./traceparent.ts";

describe("a new trace", () => {
  it("has ids that nothing else has", () => {
    const made = Array.from({ length: 1_000 }, newTraceparent);
    assert.ok(made.every((traceparent) => traceIdOf(traceparent) !== undefined));
    assert.deepEqual([new Set(made.map(traceIdOf)).size, new Set(made.map((traceparent) => traceparent.slice(36, 52))).size], [1_000, 1_000]);
  });
});
