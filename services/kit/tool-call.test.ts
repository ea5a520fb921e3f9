import assert from "node:assert/strict";
import { z } from "zod";
import type { Role, Scope } from "../../contract/access.ts";
import { UserFault } from "./errors.ts";
import { callTool } from "./testing.ts";
import { defineTool } from "./tool.ts";

const add = defineTool<{ offset: number }>()({
  name: "add_numbers", title: "Add numbers", description: "Adds numbers and an offset.",
  input: z.strictObject({ numbers: z.array(z.number()).min(1).describe("Summands."), scale: z.number().default(1).describe("Factor.") }),
  output: z.object({ sum: z.number().finite() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handler: async ({ numbers, scale }, { deps }) => ({ sum: numbers.reduce((a, b) => a + b, deps.offset) * scale, internal: "x" }),
});

describe("a tool call", () => {
  it("fills defaults, and drops what the output schema does not name", async () => {
    assert.deepEqual(await callTool(add, { offset: 1 }, { numbers: [1, 2] }), { sum: 4 });
  });

  it("refuses arguments that do not fit, naming each and where the schema is", async () => {
    await assert.rejects(callTool(add, { offset: 0 }, { numbers: [], scale: "2" }), (error: Error) =>
      error instanceof UserFault && /^The arguments of add_numbers do not fit: numbers: .*; scale: .*tools\/list\.$/.test(error.message));
    await assert.rejects(callTool(add, { offset: 0 }, undefined), UserFault);
  });

  it("lets only those change something who may, also where the gateway was not asked", async () => {
    const change = { ...add, annotations: { ...add.annotations, readOnlyHint: false } };
    const by = (role: Role, tool = change) => callTool(tool, { offset: 0 }, { numbers: [1] }, { caller: { sub: "user:ada", role, aud: ["*"] } });
    for (const role of ["reader", "operator"] as const) {
      await assert.rejects(by(role), (error: Error) => error instanceof UserFault && /role (reader|operator), which may read; add_numbers wants a caller that may change\.$/.test(error.message));
      assert.deepEqual(await by(role, add), { sum: 1 });
    }
    for (const role of ["admin", "service"] as const) assert.deepEqual(await by(role), { sum: 1 });
  });

  it("may want more of its caller than its annotations say", async () => {
    const by = (role: Role, scopes: readonly Scope[]) => callTool({ ...add, scopes }, { offset: 0 }, { numbers: [1] }, { caller: { sub: "user:ada", role, aud: ["*"] } });
    await assert.rejects(by("operator", ["read", "change"]), /which may read; add_numbers wants a caller that may change\.$/);
    await assert.rejects(by("service", ["administer"]), /which may read and change; add_numbers wants a caller that may administer\.$/);
    assert.deepEqual([await by("service", ["change"]), await by("admin", ["change", "administer"])], [{ sum: 1 }, { sum: 1 }]);
  });

  it("does not let an answer through that breaks the output schema", async () => {
    await assert.rejects(callTool(add, { offset: Infinity }, { numbers: [1] }), (error: Error) => !(error instanceof UserFault) && /broke its output schema/.test(error.message));
  });
});
