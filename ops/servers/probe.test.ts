import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { probe } from "./probe.ts";

describe("asking a server", () => {
  let server: Server;
  let answer: (method: string, params: any, response: ServerResponse) => void;
  const seen: { authorization: string | undefined; method: string }[] = [];
  const result = (response: ServerResponse, value: object): void => void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: value }));
  before(async () => {
    server = createServer(async (request, response) => {
      const { method, params } = JSON.parse((await request.toArray()).join(""));
      seen.push({ authorization: request.headers.authorization, method });
      answer(method, params, response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => { server.closeAllConnections(); server.close(); });
  const asked = () => probe({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/servers/utils/sums/mcp`, token: "a-token" });

  it("reads all pages of its tools, and its revisions, with the caller's token", async () => {
    answer = (method, { cursor }, response) => result(response, method === "server/discover" ? { supportedVersions: ["2026-07-28"] } : cursor ? { tools: [{ name: "b" }] } : { tools: [{ name: "a" }], nextCursor: "2" });
    const { latencyMs, ...rest } = await asked() as { latencyMs: number };
    assert.deepEqual(rest, { revisions: ["2026-07-28"], tools: [{ name: "a" }, { name: "b" }] });
    assert.ok(latencyMs > 0);
    assert.ok(seen.every(({ authorization }) => authorization === "Bearer a-token"));
  });

  it("takes a stream for an answer too", async () => {
    answer = (_method, _params, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(': alive\n\ndata: {"jsonrpc":"2.0","id":1,"result":{"tools":[]}}\n\n');
    assert.deepEqual({ ...await asked(), latencyMs: 0 }, { latencyMs: 0, revisions: null, tools: [] });
  });

  const failures: [string, (response: ServerResponse) => void, RegExp][] = [
    ["hangs up", (response) => void response.destroy(), /other side closed|socket/],
    ["answers a page", (response) => void response.writeHead(502).end("<html>"), /answered with 502 and no result/],
    ["answers an error", (response) => void response.writeHead(200).end('{"error":{"code":-32601,"message":"Method not found"}}'), /error -32601: Method not found/],
    ["lists no list", (response) => result(response, { tools: 7 }), /has no list tools/],
    ["lists for ever", (response) => result(response, { tools: [], nextCursor: "again" }), /more than 100 pages/],
    ["floods", (response) => { response.on("error", () => undefined); for (let n = 0; n < 20; n++) response.write("x".repeat(1_000_000)); response.end(); }, /more than 16777216 characters/],
  ];
  for (const [what, does, told] of failures) {
    it(`tells that it ${what}`, async () => {
      answer = (_method, _params, response) => does(response);
      assert.match((await asked() as { failure: string }).failure, told);
    });
  }
});
