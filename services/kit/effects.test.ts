import assert from "node:assert/strict";
import { lockId } from "./effects.ts";

it("locks of effects differ by task and by key, and fit PostgreSQL's bigint", () => {
  const ids = [lockId("a", "b"), lockId("a", "c"), lockId("c", "b")];
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.equal(BigInt.asIntN(64, id), id);
});
