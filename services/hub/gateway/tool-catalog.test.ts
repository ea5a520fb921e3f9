import assert from "node:assert/strict";
import { mergeTools } from "./tool-catalog.ts";

describe("the gateway's tools", () => {
  it("carry their server's name, are in order, and keep the rest of their definition", () => {
    const merged = mergeTools(new Map([
      ["toolbox", [{ name: "hash_text", description: "Hash." }, { name: "convert_units", annotations: { readOnlyHint: true } }]],
      ["evm-node", [{ name: "get_block" }]],
    ]));
    assert.deepEqual(merged.map(({ definition }) => definition.name), ["evm-node.get_block", "toolbox.convert_units", "toolbox.hash_text"]);
    assert.deepEqual(merged.map(({ readOnly }) => readOnly), [false, true, false]);
    assert.equal(merged[2]!.definition["description"], "Hash.");
    assert.equal(merged[2]!.name, "hash_text");
  });
});
