import assert from "node:assert/strict";
import { headerParamsOf, paramHeaders, wrongParamHeader } from "./header-params.ts";

const schema = {
  type: "object",
  properties: {
    region: { type: "string", "x-mcp-header": "Region" },
    at: { type: "object", properties: { block: { type: "integer", "x-mcp-header": "Block" } } },
    price: { type: "number", "x-mcp-header": "Price" },
    list: { type: "array", items: { type: "string", "x-mcp-header": "Item" } },
    bad: { type: "string", "x-mcp-header": "two words" },
  },
};
const params = headerParamsOf(schema);

describe("arguments that are repeated as headers", () => {
  it("are those that the schema declares by the rules, nested ones too", () => {
    assert.deepEqual(params.map(({ header }) => header), ["mcp-param-region", "mcp-param-block"]);
  });

  it("reach the backend as the body has them, in Base64 where a header could not carry them", () => {
    assert.deepEqual(paramHeaders(params, { region: "eu", at: { block: 7 } }), { "mcp-param-region": "eu", "mcp-param-block": "7" });
    assert.deepEqual(paramHeaders(params, { region: "süd\r\nX: y" }), { "mcp-param-region": `=?base64?${Buffer.from("süd\r\nX: y").toString("base64")}?=` });
    assert.deepEqual(paramHeaders(params, { region: null }), {});
  });

  const rows: [string, object, Record<string, string>, boolean][] = [
    ["agree", { region: "eu" }, { "mcp-param-region": "eu" }, true],
    ["agree in Base64", { region: "ü" }, { "mcp-param-region": `=?base64?${Buffer.from("ü").toString("base64")}?=` }, true],
    ["agree as numbers", { at: { block: 7 } }, { "mcp-param-block": "7.0" }, true],
    ["are not wanted for what is absent", {}, { "mcp-param-region": "eu" }, true],
    ["are missing", { region: "eu" }, {}, false],
    ["say something else", { region: "eu" }, { "mcp-param-region": "us" }, false],
    ["are broken Base64", { region: "eu" }, { "mcp-param-region": "=?base64?!?=" }, false],
  ];
  for (const [what, input, headers, passes] of rows) {
    it(`${passes ? "pass" : "are refused"} when they ${what}`, () => assert.equal(wrongParamHeader(params, input, headers) === null, passes));
  }
});
