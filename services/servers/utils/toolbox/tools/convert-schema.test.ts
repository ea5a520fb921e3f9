import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { callTool } from "../../../../kit/testing.ts";
import { convertSchema } from "./convert-schema.ts";

const convert = (source: string, from: string, to: string, name?: string) => callTool(convertSchema, null, { source, from, to, ...(name ? { name } : {}) });
const schemaOf = async (source: string, from: string) => {
  const { $schema, ...schema } = JSON.parse((await convert(source, from, "json-schema")).result);
  assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
  return schema;
};
/** What the zod source builds. */
const evaluated = async (source: string, from: string): Promise<z.ZodType> => {
  const { result } = await convert(source, from, "zod", "Made");
  return new Function("z", `${result.replace(/^import .*$/m, "").replaceAll("export const", "const")}; return Made;`)(z) as z.ZodType;
};

describe("convert_schema", () => {
  it("infers a schema by merging the elements of a sample", async () => {
    assert.deepEqual(await schemaOf('[{"id": 1, "tags": ["a"]}, {"id": 2.5, "note": null}]', "json"), {
      type: "array",
      items: {
        type: "object",
        properties: { id: { type: "number" }, tags: { type: "array", items: { type: "string" } }, note: { type: "null" } },
        required: ["id"],
      },
    });
    assert.deepEqual(await schemaOf("[1, 2]", "json"), { type: "array", items: { type: "integer" } });
  });

  it("infers a schema that the sample satisfies, whatever the sample", async () => {
    const reserved = fc.json({ maxDepth: 3 }).filter((text) => !text.includes("__proto__"));
    await fc.assert(fc.asyncProperty(reserved, async (sample) => {
      assert.equal((await evaluated(sample, "json")).safeParse(JSON.parse(sample)).success, true);
    }), { numRuns: 60 });
  });

  it("reads TypeScript types, with comments as descriptions", async () => {
    const source = `
      interface Token { symbol: string; decimals?: number }
      /** A trade. */
      export type Trade = { side: "buy" | "sell"; /** in wei */ amount: string; route: Token[]; pair: [string, ...number[]]; memo: string | null; extra: Record<string, boolean> };`;
    assert.deepEqual(await schemaOf(source, "typescript"), {
      type: "object",
      properties: {
        side: { enum: ["buy", "sell"] },
        amount: { type: "string", description: "in wei" },
        route: { type: "array", items: { $ref: "#/$defs/Token" } },
        pair: { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" }, minItems: 1 },
        memo: { type: ["string", "null"] },
        extra: { type: "object", additionalProperties: { type: "boolean" } },
      },
      required: ["side", "amount", "route", "pair", "memo", "extra"],
      additionalProperties: false,
      description: "A trade.",
      $defs: { Token: { type: "object", properties: { symbol: { type: "string" }, decimals: { type: "number" } }, required: ["symbol"], additionalProperties: false } },
    });
  });

  it("writes TypeScript that reads back to the same schema", async () => {
    for (const source of ["type A = { a: string[]; b?: (number | null)[]; 'c-d': { e: boolean } };", 'type A = "x" | "y";', "type A = Record<string, number>;"]) {
      const schema = await schemaOf(source, "typescript");
      const written = (await convert(JSON.stringify(schema), "json-schema", "typescript", "A")).result;
      assert.deepEqual(await schemaOf(written, "typescript"), schema, written);
    }
  });

  it("writes zod source that accepts and refuses as the schema says", async () => {
    const made = await evaluated('{"type":"object","properties":{"n":{"type":"integer","minimum":1},"s":{"type":"string","pattern":"^a"},"k":{"enum":["x",2]}},"required":["n"],"additionalProperties":false}', "json-schema");
    for (const value of [{ n: 1 }, { n: 2, s: "ab", k: 2 }]) assert.ok(made.safeParse(value).success, JSON.stringify(value));
    for (const value of [{}, { n: 0 }, { n: 1.5 }, { n: 1, s: "b" }, { n: 1, k: "y" }, { n: 1, more: 1 }]) assert.ok(!made.safeParse(value).success, JSON.stringify(value));
    const recursive = await evaluated("type Tree = { value: number; children: Tree[] };", "typescript");
    assert.ok(recursive.safeParse({ value: 1, children: [{ value: 2, children: [] }] }).success);
    assert.ok(!recursive.safeParse({ value: 1, children: [{ value: "2", children: [] }] }).success);
  });

  it("says what was lost, and where a source is wrong", async () => {
    assert.deepEqual((await convert('{"type":"string","minLength":2}', "json-schema", "typescript")).notes, ["minLength is not expressible as a type and was left out"]);
    await assert.rejects(convert("type A = {\n  when: Date;\n};", "typescript", "zod"), /Line 2: Date is not a JSON value/);
    await assert.rejects(convert("type A = { b: B };", "typescript", "zod"), /B is declared nowhere/);
    await assert.rejects(convert("{", "json", "zod"), /no valid JSON/);
    await assert.rejects(convert("[1]", "json-schema", "zod"), /set from to json/);
  });
});
