import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceEntry } from "../../contract/registry.ts";
import type { StackOutputs } from "../../contract/outputs.ts";
import type { Ui } from "../cli/ui.ts";
import { drainAgents, stillBusy, surplusAgents } from "./drain.ts";

const agent = (type: string, n: number): StackOutputs["agents"][number] =>
  ({ type, id: `${type}-${n}`, host: `mcp-${type}-${n}`, container: `test-mcp-${type}-${n}`, port: 3_100 + n, url: null, queue: "" });
const entry = (n: number, status: "idle" | "active" | "draining", current_task: string | null): ServiceEntry => ({
  kind: "agent", type: "builder", n, key: "", host: "", port: 1, status, capabilities: [], current_task, version: "", started_at: "",
});

describe("agents that are to be removed", () => {
  it("are those beyond the new number of their type", () => {
    const agents = [agent("builder", 1), agent("builder", 2), agent("builder", 10), agent("code-indexer", 2), agent("admin", 3)];
    assert.deepEqual(surplusAgents(agents, { builder: 1, "code-indexer": 2 }), [
      { id: "builder-2", container: "test-mcp-builder-2" }, { id: "builder-10", container: "test-mcp-builder-10" },
    ]);
  });

  it("are busy until they say that they drain and hold nothing, or are gone", () => {
    const ids = ["builder-1", "builder-2", "builder-3", "builder-4"];
    assert.deepEqual(stillBusy(ids, [entry(1, "idle", null), entry(2, "draining", "t"), entry(3, "draining", null), entry(9, "active", "t")]), ["builder-1", "builder-2"]);
  });

  describe("through the edge", () => {
    let server: Server;
    /** What the n-th look at the registry finds. */
    let services: (look: number) => ServiceEntry[] = () => [];
    const asked: string[] = [];
    const said: string[] = [];
    const ui: Ui = { say: (line) => void said.push(line), warn: (line) => void said.push(line), progress: () => undefined, ask: async () => false };
    let edge: { url: string; token: string };
    before(async () => {
      server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        if (request.url === "/services") return void response.end(JSON.stringify({ services: services(asked.filter((line) => line === "GET /services").length) }));
        if (request.url === "/agents/builder-2/drain") return void response.writeHead(202).end(JSON.stringify({ id: "builder-2", status: "active", currentTask: "t" }));
        response.writeHead(404, { "content-type": "application/problem+json" }).end(JSON.stringify({ title: "Not Found", status: 404, detail: "No agent builder-3 is registered." }));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      edge = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t" };
    });
    beforeEach(() => { asked.length = said.length = 0; });
    after(() => { server.closeAllConnections(); server.close(); });

    it("are waited for until they hold nothing; one that cannot be told is not", async () => {
      services = (look) => [entry(2, "draining", look < 2 ? "t" : null)];
      assert.deepEqual(await drainAgents(edge, ["builder-2", "builder-3"], ui, 10_000), ["builder-2"]);
      assert.deepEqual(asked.slice(0, 2), ["POST /agents/builder-2/drain", "POST /agents/builder-3/drain"]);
      assert.ok(asked.length >= 4, "it looked again");
      assert.match(said[0]!, /builder-3 cannot be drained: No agent builder-3/);
      assert.equal(said.length, 2);
    });

    it("are waited for no longer than said", async () => {
      services = () => [entry(2, "active", "t")];
      const started = Date.now();
      await drainAgents(edge, ["builder-2"], ui, 900);
      assert.ok(Date.now() - started < 3_000);
      assert.match(said.at(-1)!, /builder-2 still work after 0.9 s/);
    });
  });
});
