import assert from "node:assert/strict";
import fc from "fast-check";
import { merge, same, type Value } from "./merge.ts";

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d", "__proto__"), tie("tree"), { maxKeys: 4 }),
  ),
}));
const config = fc.dictionary(fc.constantFrom("mcp:replicas", "mcp:network", "mcp:portOffset", "encryptionsalt"), tree, { maxKeys: 4 });

/** What Pulumi does to numbers and booleans at the top level of a stack file. */
const asText = (value: Value): Value => (typeof value === "number" || typeof value === "boolean" ? String(value) : value);
const rewritten = (map: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, asText(value)]));

describe("three-way merge of stack configuration", () => {
  it("takes the product's file where the user has set nothing", () => {
    fc.assert(fc.property(config, config, (base, tracked) => same(merge(base, tracked, base), tracked)));
  });

  it("does so when Pulumi has rewritten numbers as text meanwhile", () => {
    fc.assert(fc.property(config, config, (base, tracked) => same(merge(base, tracked, rewritten(base)), tracked)));
  });

  it("keeps the working copy while the product's file stays as it was", () => {
    fc.assert(fc.property(config, config, (base, working) => same(merge(base, base, working), working)));
  });

  it("changes nothing when it is done again", () => {
    fc.assert(fc.property(config, config, config, (base, tracked, working) => {
      const once = merge(base, tracked, working);
      return same(merge(tracked, tracked, once), once);
    }));
  });

  it("keeps a replica count of the user while another one arrives from the product", () => {
    assert.deepEqual(
      merge({ "mcp:replicas": { builder: 1 } }, { "mcp:replicas": { builder: 1, toolbox: 2 } }, { "mcp:replicas": { builder: 3 } }),
      { "mcp:replicas": { builder: 3, toolbox: 2 } },
    );
  });

  it("lets the user win where both changed the same key", () => {
    assert.deepEqual(merge({ "mcp:portOffset": 0 }, { "mcp:portOffset": 100 }, { "mcp:portOffset": 7 }), { "mcp:portOffset": 7 });
  });

  it("drops a key that the product dropped, and keeps one that the user removed away", () => {
    assert.deepEqual(merge({ old: 1, gone: 1 }, { gone: 1 }, { old: "1" }), {});
  });

  it("keeps the salt and the user's secrets, which the product's file never had", () => {
    const working = { encryptionsalt: "v1:abc", config: { "mcp:rpcUrl": { secure: "v1:xyz" } } };
    assert.deepEqual(merge({ config: {} }, { config: { "mcp:portOffset": 1 } }, working),
      { encryptionsalt: "v1:abc", config: { "mcp:portOffset": 1, "mcp:rpcUrl": { secure: "v1:xyz" } } });
  });
});
