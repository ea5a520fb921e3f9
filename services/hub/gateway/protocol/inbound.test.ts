import assert from "node:assert/strict";
import fc from "fast-check";
import { readInbound, type Inbound, type InboundHeaders } from "./inbound.ts";

const META = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
const HEADERS = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "toolbox.hash" };
const call = (more: object = {}, params: object = {}): string =>
  JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "toolbox.hash", arguments: {}, _meta: META, ...params }, ...more });
const verdict = (inbound: Inbound): string => (inbound.kind === "refused" ? `${inbound.refusal.status} ${inbound.refusal.code}` : inbound.kind === "request" ? inbound.era : `note ${inbound.era}`);
const without = (name: keyof InboundHeaders): InboundHeaders => ({ ...HEADERS, [name]: undefined });

describe("a client's message", () => {
  const cases: [what: string, text: string, headers: InboundHeaders, verdict: string][] = [
    ["whose headers repeat it", call(), HEADERS, "modern"],
    ["whose name is in Base64", call({}, { name: "täst" }), { ...HEADERS, "mcp-name": `=?base64?${Buffer.from("täst").toString("base64")}?=` }, "modern"],
    ["of another tool than the header says", call(), { ...HEADERS, "mcp-name": "toolbox.delete" }, "400 -32020"],
    ["of another method than the header says", call(), { ...HEADERS, "mcp-method": "tools/list" }, "400 -32020"],
    ["of another revision than the header says", call(), { ...HEADERS, "mcp-protocol-version": "2025-11-25" }, "400 -32020"],
    ["without MCP-Protocol-Version", call(), without("mcp-protocol-version"), "400 -32020"],
    ["without Mcp-Method", call(), without("mcp-method"), "400 -32020"],
    ["without Mcp-Name", call(), without("mcp-name"), "400 -32020"],
    ["whose Base64 is none", call(), { ...HEADERS, "mcp-name": "=?base64?%%?=" }, "400 -32020"],
    ["without capabilities of the client", call({}, { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }), HEADERS, "400 -32602"],
    ["of a revision to come", call({}, { _meta: { ...META, "io.modelcontextprotocol/protocolVersion": "2099-01-01" } }), { ...HEADERS, "mcp-protocol-version": "2099-01-01" }, "400 -32022"],
    ["of an older client", call({}, { _meta: undefined }), { "mcp-protocol-version": "2025-11-25" }, "legacy"],
    ["of an older client that names no revision", call({}, { _meta: undefined }), {}, "legacy"],
    ["of an older client with a revision that never was", call({}, { _meta: undefined }), { "mcp-protocol-version": "1999-01-01" }, "400 -32022"],
    ["that wants no answer", '{"jsonrpc":"2.0","method":"notifications/initialized"}', {}, "note legacy"],
    ["that is no JSON", "{", HEADERS, "400 -32700"],
    ["that is no JSON-RPC", '{"a":1}', HEADERS, "400 -32600"],
    ["with an id of null", call({ id: null }), HEADERS, "400 -32600"],
    ["in a batch", `[${call()}]`, HEADERS, "400 -32600"],
    ["that is a response", '{"jsonrpc":"2.0","id":1,"result":{}}', {}, "400 -32600"],
    ["whose method is given twice", call().replace('"method"', '"method":"tools/list","method"'), HEADERS, "400 -32600"],
    ["whose name is given twice, once escaped", call().replace('"name"', '"n\\u0061me":"toolbox.delete","name"'), HEADERS, "400 -32600"],
  ];
  for (const [what, text, headers, expected] of cases) it(`${what}: ${expected}`, () => assert.equal(verdict(readInbound(text, headers)), expected));

  it("is refused under its own id", () => {
    const inbound = readInbound(call(), without("mcp-name"));
    assert.equal(inbound.kind === "refused" && inbound.id, 7);
  });

  it("never makes the reader throw", () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), fc.jsonValue().map((params) => JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }))), (text) => {
      for (const headers of [HEADERS, {}]) assert.ok(readInbound(text, headers).kind);
    }), { numRuns: 300 });
  });
});
