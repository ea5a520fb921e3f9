import assert from "node:assert/strict";
import { unregistered } from "./registration.ts";

const server = (host: string) => ({ category: "utils", server: "toolbox", replica: 1, host, container: `test-${host}`, port: 8080, url: null, capabilities: ["x"] });
const agent = (host: string) => ({ type: "builder", id: "builder-1", host, container: `test-${host}`, port: 3121, url: null, queue: "tasks.builder" });

describe("waiting for registration", () => {
  it("misses what the outputs list and the registry does not", () => {
    const outputs = { servers: [server("mcp-utils-1"), server("mcp-utils-1-r2")], agents: [agent("mcp-builder-1")] };
    assert.deepEqual(unregistered(outputs, [{ host: "mcp-utils-1" }, { host: "somebody-else" }]).map(({ container }) => container),
      ["test-mcp-utils-1-r2", "test-mcp-builder-1"]);
  });

  it("is done when everything is listed", () => {
    assert.deepEqual(unregistered({ servers: [server("a")], agents: [agent("b")] }, [{ host: "a" }, { host: "b" }]), []);
  });
});
