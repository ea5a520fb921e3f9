import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HealthBook, probeOverHttp, type Probe } from "./health.ts";
import { aServer } from "./testing.ts";

describe("health of the fleet", () => {
  it("remembers since when a service is unwell, until it is well again", async () => {
    let answer: Probe = { ready: true, missing: [], latencyMs: 1 };
    const book = new HealthBook(async () => answer);
    const at = async (second: number, status: "healthy" | "degraded" = "healthy") =>
      (await book.check([aServer("a", { status })], 100, () => second * 1_000))[0]!.unhealthySince;
    assert.equal(await at(1), null);
    answer = { ready: false, missing: ["postgres"], latencyMs: 1 };
    assert.equal(await at(2), "1970-01-01T00:00:02.000Z");
    assert.equal(await at(3), "1970-01-01T00:00:02.000Z");
    answer = { ready: true, missing: [], latencyMs: 1 };
    assert.equal(await at(4), null);
    assert.equal(await at(5, "degraded"), "1970-01-01T00:00:05.000Z");
    await book.check([], 100);
    assert.equal(await at(6, "degraded"), "1970-01-01T00:00:06.000Z", "forgotten when it left");
  });

  describe("over HTTP", () => {
    let server: Server;
    let mode = "ready";
    const port = () => (server.address() as AddressInfo).port;
    before(async () => {
      server = createServer((_request, response) => {
        if (mode === "silent") return;
        response.writeHead(mode === "ready" ? 200 : 503, { "content-type": "application/json" }).end(mode === "broken" ? "oops" : JSON.stringify({ missing: mode === "ready" ? [] : ["etcd"] }));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => { server.closeAllConnections(); server.close(); });
    const probe = async (as: string, timeoutMs = 1_000) => {
      mode = as;
      const { ready, missing } = await probeOverHttp({ host: "127.0.0.1", port: port() }, timeoutMs);
      return { ready, missing };
    };

    it("takes the service's own word", async () => {
      assert.deepEqual(await probe("ready"), { ready: true, missing: [] });
      assert.deepEqual(await probe("unready"), { ready: false, missing: ["etcd"] });
      assert.deepEqual(await probe("broken"), { ready: false, missing: ["HTTP 503"] });
    });

    it("says how a service could not be asked", async () => {
      assert.deepEqual(await probe("silent", 100), { ready: false, missing: ["no answer within 100 ms"] });
      const closed = createServer();
      await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
      const { port: free } = closed.address() as AddressInfo;
      await new Promise((resolve) => closed.close(resolve));
      const dead = await probeOverHttp({ host: "127.0.0.1", port: free }, 1_000);
      assert.deepEqual([dead.ready, dead.missing[0]], [false, "unreachable (ECONNREFUSED)"]);
    });
  });
});
