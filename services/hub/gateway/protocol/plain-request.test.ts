import assert from "node:assert/strict";
import { classifyInboundRequest } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { isPlain } from "./plain-request.ts";

const REVISION = "2026-07-28";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const INFO = "io.modelcontextprotocol/clientInfo";
const HEADERS = { "mcp-protocol-version": REVISION, "mcp-method": "tools/call" };
const META = { "io.modelcontextprotocol/protocolVersion": REVISION, [CAPABILITIES]: {} };
const call = (meta: object = {}, more: object = {}): object => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "a", _meta: { ...META, ...meta } }, ...more });

describe("a request that is good at first sight", () => {
  it("is what clients send", () => {
    for (const meta of [{}, { progressToken: 1 }, { progressToken: "t", traceparent: "x" }, { [INFO]: { name: "c", version: "1" } }]) assert.ok(isPlain(call(meta), HEADERS, REVISION));
  });

  it("is none that says something which has to be looked at", () => {
    const others = [call({ progressToken: 1.5 }), call({ [INFO]: { name: "c" } }), call({ [CAPABILITIES]: { extensions: {} } }), call({}, { method: "initialize" }), call({}, { id: null }), call({}, { result: {} }), [call()], null];
    for (const body of others) assert.equal(isPlain(body, HEADERS, REVISION), false);
    assert.equal(isPlain(call(), { ...HEADERS, "mcp-method": "tools/list" }, REVISION), false);
    assert.equal(isPlain(call(), { "mcp-method": "tools/call" }, REVISION), false);
  });

  it("is never one that the SDK's classifier refuses or takes for something else", () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom("2.0", REVISION, "tools/call", "initialize", 1, 1.5, {}, { name: "c", version: "1" }));
    const some = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), odd, { maxKeys: 2 });
    const bodies = fc.record({
      body: some(["jsonrpc", "id", "method", "result", "error", "extra"]),
      params: some(["name", "arguments", "extra"]),
      meta: some(["progressToken", "traceparent", "io.modelcontextprotocol/related-task", "extra", ...Object.keys(META), INFO, "io.modelcontextprotocol/logLevel"]),
    }).map(({ body, params, meta }) => JSON.parse(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { ...params, _meta: { ...META, ...meta } }, ...body })) as object);
    let plain = 0;
    fc.assert(fc.property(bodies, fc.constantFrom("tools/call", "initialize", "2.0"), (body, method) => {
      if (!isPlain(body, { ...HEADERS, "mcp-method": method }, REVISION)) return;
      plain++;
      const outcome = classifyInboundRequest({ httpMethod: "POST", body, protocolVersionHeader: REVISION, mcpMethodHeader: method });
      assert.ok(outcome.kind === "modern" && outcome.messageKind === "request" && outcome.classification.revision === REVISION, JSON.stringify(body));
    }), { numRuns: 3_000 });
    assert.ok(plain > 100, `only ${plain} were plain`);
  });
});
