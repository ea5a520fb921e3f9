import assert from "node:assert/strict";
import { hostOf, refuseHeaders } from "./guards.ts";

const ours = ["mcp-utils-1", "toolbox"];

describe("mcp guards", () => {
  it("takes the host out of a Host header", () => {
    const cases: [string | undefined, string | null][] = [
      ["mcp-utils-1:8080", "mcp-utils-1"], ["LOCALHOST", "localhost"], ["[::1]:8080", "[::1]"], ["127.0.0.1:8080", "127.0.0.1"],
      [undefined, null], ["", null], ["a b", null], ["evil.example@localhost", null], ["localhost:80:80", null],
    ];
    for (const [header, host] of cases) assert.equal(hostOf(header), host, String(header));
  });

  it("answers to its own names and to loopback, whatever the port", () => {
    for (const host of ["mcp-utils-1:8080", "toolbox", "localhost:18080", "127.0.0.1", "[::1]:1"]) assert.equal(refuseHeaders({ host }, ours), null);
  });

  it("refuses any other host, which a rebound DNS name would send", () => {
    for (const host of ["evil.example", "mcp-utils-1.evil.example", "mcp-utils-2", undefined]) assert.match(refuseHeaders({ host }, ours)!, /^Host/);
  });

  it("lets programs without an Origin in, and pages only from its own names", () => {
    assert.equal(refuseHeaders({ host: "localhost", origin: "http://localhost:3000" }, ours), null);
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"]) {
      assert.match(refuseHeaders({ host: "localhost", origin }, ours)!, /^Origin/);
    }
  });
});
