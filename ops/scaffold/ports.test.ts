import assert from "node:assert/strict";
import { AgentEntry, ServerEntry, type Catalog } from "../../contract/catalog.ts";
import { nextAgentPort, nextServerPort } from "./ports.ts";

const server = (port: number) => ({ ...ServerEntry.parse({ port, description: "a server of tests", capabilities: ["get_x"] }), category: "utils" as const });
const agent = (type: string, ports?: [number, number]) => AgentEntry.parse({ type, ports, description: "an agent of tests", capabilities: ["do_x"] });
const catalog = (servers: Catalog["servers"] = {}, agents: Catalog["agents"] = {}): Catalog => ({ servers, agents });

describe("ports of what is new", () => {
  it("are the first that neither the catalogue nor the contract has given away", () => {
    assert.equal(nextServerPort(catalog(), "orchestration", "greeter"), 8003);
    assert.equal(nextServerPort(catalog({ a: server(8081), b: server(8083) }), "utils", "greeter"), 8082);
  });

  it("are the contract's for a server that ships", () => {
    assert.equal(nextServerPort(catalog(), "data-providers", "price-oracle"), 8021);
  });

  it("end with the category's ten", () => {
    const full = Object.fromEntries([8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089].map((port) => [`s${port}`, server(port)]));
    assert.equal(nextServerPort(catalog(full), "utils", "greeter"), null);
  });

  it("of agents begin behind those that ship, and go up", () => {
    assert.equal(nextAgentPort(catalog(), "greeter"), 3302);
    assert.equal(nextAgentPort(catalog({}, { a: agent("a", [3302, 3305]), admin: agent("admin") }), "greeter"), 3306);
    assert.equal(nextAgentPort(catalog(), "fixer"), null);
  });
});
