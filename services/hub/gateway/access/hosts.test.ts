import assert from "node:assert/strict";
import { refuseHosts, type HostHeaders } from "./hosts.ts";

const OWN = ["mcp-coordinator"];
const rows: [string, HostHeaders, string[], RegExp | null][] = [
  ["a program by the hub's name", { host: "mcp-coordinator:3000" }, [], null],
  ["a program on the same machine", { host: "127.0.0.1:3000" }, [], null],
  ["a name that an attacker has bound to this address", { host: "evil.example:3000" }, [], /^Host evil/],
  ["a page of another site", { host: "127.0.0.1:3000", origin: "https://evil.example" }, [], /^Origin/],
  ["a page of no site", { host: "127.0.0.1:3000", origin: "null" }, [], /^Origin/],
  ["the edge, for a page of its own host", { host: "mcp-coordinator:3000", "x-forwarded-host": "stack.example:443", origin: "https://stack.example" }, [], null],
  ["the edge, for a page of another host", { host: "mcp-coordinator:3000", "x-forwarded-host": "stack.example", origin: "https://evil.example" }, [], /^Origin/],
  ["the edge, under a name that the stack has", { host: "mcp-coordinator:3000", "x-forwarded-host": "stack.example", origin: "https://stack.example" }, ["stack.example"], null],
  ["the edge, under a name that is bound to the stack by somebody else", { host: "mcp-coordinator:3000", "x-forwarded-host": "evil.example", origin: "https://evil.example" }, ["stack.example"], /^Host evil/],
  ["nobody", {}, [], /^Host \(none\)/],
];

describe("the gateway's guard of hosts", () => {
  for (const [who, headers, outside, refused] of rows) {
    it(`${refused ? "refuses" : "lets in"} ${who}`, () => {
      const answer = refuseHosts(headers, OWN, outside);
      if (refused) assert.match(answer!, refused);
      else assert.equal(answer, null);
    });
  }
});
