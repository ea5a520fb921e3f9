import assert from "node:assert/strict";
import { TokenClaims } from "../../../../contract/access.ts";
import { merge } from "../catalogue/merge.ts";
import { prefixed } from "../catalogue/naming.ts";
import { toolRefusalOf, viewOf } from "./caller-rights.ts";

const tool = (name: string, readOnlyHint: boolean): object => ({ name, inputSchema: { type: "object" }, annotations: { readOnlyHint } });
const none = { prompts: [], resources: [], templates: [] };
const { tools } = merge(new Map([["toolbox", { tools: [tool("read", true), tool("write", false)], ...none }], ["toolbox-2", { tools: [tool("read", true)], ...none }]]), prefixed);
const refusal = (claims: Partial<TokenClaims>, name: string): string | null => toolRefusalOf({ sub: "user:ada", role: "admin", aud: ["*"], ...claims }, tools.get(name)!);

describe("what a token may call", () => {
  it("a reader what reads, an admin everything", () => {
    assert.equal(refusal({ role: "reader" }, "toolbox.read"), null);
    assert.match(refusal({ role: "reader" }, "toolbox.write")!, /role reader and may call only tools that read; toolbox\.write changes/);
    assert.equal(refusal({}, "toolbox.write"), null);
  });

  it("only what its list names, by name or by server, and never more than its role", () => {
    assert.equal(refusal({ tools: ["toolbox.write"] }, "toolbox.write"), null);
    assert.match(refusal({ tools: ["toolbox.write"] }, "toolbox.read")!, /is not for toolbox\.read; it is for toolbox\.write\./);
    assert.equal(refusal({ tools: ["toolbox.*"] }, "toolbox.read"), null);
    assert.match(refusal({ tools: ["toolbox.*"] }, "toolbox-2.read")!, /is not for/);
    assert.match(refusal({ tools: ["toolbox.*"], role: "reader" }, "toolbox.write")!, /only tools that read/);
    assert.match(refusal({ tools: [] }, "toolbox.read")!, /it is for nothing/);
  });

  it("sees the same list in whatever order its names stand", () => {
    const view = (list: string[]): string => viewOf({ sub: "a", role: "admin", aud: [], tools: list })!.key;
    assert.equal(view(["a.b", "c.*"]), view(["c.*", "a.b"]));
  });

  it("is not a token at all when a name in its list is none", () => {
    for (const name of ["*", "toolbox", ".read", "toolbox.", "toolbox.re*"]) {
      assert.ok(!TokenClaims.safeParse({ sub: "a", role: "admin", aud: [], tools: [name] }).success, name);
    }
  });
});
