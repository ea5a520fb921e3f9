import assert from "node:assert/strict";
import fc from "fast-check";
import { merge, type Lists } from "./merge.ts";
import { prefixed } from "./naming.ts";

const tool = (name: string, more: object = {}): object => ({ name, inputSchema: { type: "object" }, ...more });
const lists = (more: Partial<Lists>): Lists => ({ tools: [], prompts: [], resources: [], templates: [], ...more });
const merged = (offers: Record<string, Partial<Lists>>, naming = prefixed) => merge(new Map(Object.entries(offers).map(([server, offer]) => [server, lists(offer)])), naming);
const refusals = (result: ReturnType<typeof merged>): string[] => result.refused.map(({ server, name, reason }) => `${server} ${name}: ${reason}`);

describe("the merged catalogue", () => {
  it("names tools by their server, keeps the rest of a definition, and is in order", () => {
    const { tools, refused } = merged({
      toolbox: { tools: [tool("hash_text", { description: "Hash." }), tool("convert_units", { annotations: { readOnlyHint: true } })] },
      "evm-node": { tools: [tool("get_block")] },
    });
    assert.deepEqual([...tools.keys()], ["evm-node.get_block", "toolbox.convert_units", "toolbox.hash_text"]);
    assert.deepEqual([...tools.values()].map(({ readOnly }) => readOnly), [false, true, false]);
    assert.deepEqual(JSON.parse(tools.get("toolbox.hash_text")!.json), tool("toolbox.hash_text", { description: "Hash." }));
    assert.equal(tools.get("toolbox.hash_text")!.own, "hash_text");
    assert.deepEqual(refused, []);
  });

  it("does not rename a server's tools when a second server comes", () => {
    const alone = [...merged({ toolbox: { tools: [tool("hash")] } }).tools.keys()];
    assert.deepEqual(alone, ["toolbox.hash"]);
    assert.ok(merged({ toolbox: { tools: [tool("hash")] }, other: { tools: [tool("hash")] } }).tools.has("toolbox.hash"));
  });

  it("is the same in whatever order the servers came", () => {
    const offers = { b: { tools: [tool("y"), tool("x")] }, a: { tools: [tool("z")] }, c: { prompts: [{ name: "p" }] } };
    fc.assert(fc.property(fc.shuffledSubarray(Object.keys(offers), { minLength: 3 }), (order) => {
      const shuffled = Object.fromEntries(order.map((key) => [key, offers[key as keyof typeof offers]]));
      assert.deepEqual(JSON.stringify([...merged(shuffled).tools]), JSON.stringify([...merged(offers).tools]));
    }));
  });

  it("refuses names that are taken or cannot be told apart, by name, and keeps the first", () => {
    const result = merged({ toolbox: { tools: [tool("get_block"), tool("get_block", { description: "other" }), tool("Get-Block"), tool("get.block"), tool("getblock")] } });
    assert.deepEqual([...result.tools.keys()], ["toolbox.get_block", "toolbox.getblock"]);
    assert.deepEqual(refusals(result), [
      "toolbox toolbox.get_block: the name is taken",
      "toolbox toolbox.Get-Block: it cannot be told from toolbox.get_block",
      "toolbox toolbox.get.block: it cannot be told from toolbox.get_block",
    ]);
  });

  it("lets no server speak under another one's name, nor under the gateway's own tools", () => {
    // a-b.c and a.b.c are one name to a client that writes dots and hyphens as underscores.
    const result = merged({ a: { tools: [tool("b.c")] }, "a-b": { tools: [tool("c")] }, "a.b": { tools: [tool("c")] }, "": { tools: [tool("x")] } });
    assert.deepEqual([...result.tools.keys()], ["a.b.c"]);
    assert.equal(result.refused.length, 3);
    const bare = merged({ x: { tools: [tool("call_tool"), tool("Find.Tools"), tool("y")] } }, () => "");
    assert.deepEqual([...bare.tools.keys()], ["y"]);
  });

  it("refuses what is no definition, and passes the rest of that server on", () => {
    const result = merged({ liar: { tools: [null, 7, {}, tool(""), tool("with space"), tool("x".repeat(125)), { name: "no_schema" }, tool("huge", { description: "x".repeat(300_000) }), tool("fine")] } });
    assert.deepEqual([...result.tools.keys()], ["liar.fine"]);
    assert.equal(result.refused.length, 8);
    for (const line of refusals(result)) assert.ok(line.length < 400, line);
  });

  it("is not brought down by a definition made to do that", () => {
    const deep = JSON.parse(`${'{"properties":{"a":'.repeat(20_000)}1${"}}".repeat(20_000)}`);
    const properties = { a: { type: { toString: 1 }, "x-mcp-header": "A" }, b: null, c: 7 };
    const result = merged({ liar: { tools: [
      tool("deep", { inputSchema: { type: "object", ...deep } }), tool("typed", { inputSchema: { type: "object", properties } }), tool("hints", { annotations: 7 }), tool("none", { annotations: null }),
    ], resources: [{ uri: { toString: 1 } }] } });
    assert.deepEqual([...result.tools.keys()], ["liar.hints", "liar.none", "liar.typed"]);
    assert.deepEqual(refusals(result), ["liar liar.deep: its definition cannot be read", "liar #0: it has no uri"]);
  });

  it("keeps the URIs of resources, the first server's where two offer the same", () => {
    const result = merged({ b: { resources: [{ uri: "chain://head" }] }, a: { resources: [{ uri: "chain://head", name: "head" }], templates: [{ uriTemplate: "chain://{n}" }] } });
    assert.equal(result.resources.get("chain://head")!.server, "a");
    assert.deepEqual(refusals(result), ["b chain://head: the name is taken"]);
    assert.ok(result.templates.has("chain://{n}"));
  });
});
