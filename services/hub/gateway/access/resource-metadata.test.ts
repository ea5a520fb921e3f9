import assert from "node:assert/strict";
import { challenge, resourceMetadata } from "./resource-metadata.ts";

describe("what a client without a token is told", () => {
  it("is where the metadata lie, by the address that it used itself", () => {
    const reached = { headers: { host: "mcp-coordinator:3000", "x-forwarded-host": "stack.example:8443", "x-forwarded-proto": "https" } };
    assert.equal(challenge(reached), 'Bearer realm="mcp", resource_metadata="https://stack.example:8443/.well-known/oauth-protected-resource/mcp"');
    assert.deepEqual(resourceMetadata(reached), {
      resource: "https://stack.example:8443/mcp", resource_name: "Flash Loan MCP System", bearer_methods_supported: ["header"], scopes_supported: ["reader", "operator", "admin"],
    });
  });

  it("holds nothing of a host that is none", () => {
    assert.equal(challenge({ headers: { host: 'x", error="none' } }), 'Bearer realm="mcp", resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp"');
  });
});
