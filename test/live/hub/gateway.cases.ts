import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { it } from "mocha";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { serverKey, type Registration } from "../../../contract/registry.ts";
import type { ServerCategory } from "../../../contract/services.ts";
import { eventually, type HubRig } from "./rig.ts";

type Answer = (name: string, input: Record<string, unknown>) => object | null;

/** A server of a few lines that speaks the modern era's tools/list and tools/call. */
async function startServer(rig: HubRig, category: ServerCategory, server: string, replica: number, answer: Answer) {
  const seen: { authorization: string; name: string | undefined; version: string | undefined }[] = [];
  const http: Server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { id, method, params } = JSON.parse(text);
    seen.push({ authorization: String(request.headers.authorization), name: request.headers["mcp-name"] as string, version: request.headers["mcp-protocol-version"] as string });
    const tool = (name: string, readOnlyHint: boolean) => ({ name, description: name, inputSchema: { type: "object" }, annotations: { readOnlyHint } });
    const result = method === "tools/list" ? { tools: [tool("write_it", false), tool("read_it", true)], ttlMs: 0, cacheScope: "public", resultType: "complete" } : answer(params.name, params.arguments);
    if (result === null) return; // hangs
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...("error" in result ? result : { result }) }));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const port = (http.address() as AddressInfo).port;
  const entry: Registration = { host: "127.0.0.1", port, status: "healthy", capabilities: ["read_it", "write_it"], current_task: null, version: "0", started_at: new Date().toISOString() };
  const etcd = rig.clients.etcd("root");
  const key = serverKey(category, server, replica);
  await etcd.put(key).value(JSON.stringify(entry));
  return {
    seen, port,
    stop: async (unregister = true) => {
      http.close();
      http.closeAllConnections();
      if (unregister) await etcd.delete().key(key);
    },
    unregister: async () => { await etcd.delete().key(key); },
  };
}

const text = (value: string): object => ({ content: [{ type: "text", text: value }], resultType: "complete" });

export function gatewayCases(rig: HubRig): void {
  const { hub } = rig;

  async function connect(era: "modern" | "legacy", token = hub.token("user:tester", "admin")): Promise<Client> {
    const client = new Client({ name: "test", version: "0" }, era === "modern" ? { versionNegotiation: { mode: "auto" } } : {});
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", hub.url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
    return client;
  }
  const names = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);

  it("offers the tools of every server under its name, to clients of both eras, and carries calls with its own token", async () => {
    const servers = [
      await startServer(rig, "utils", "toolbox", 1, (name, input) => text(`${name} ${JSON.stringify(input)}`)),
      await startServer(rig, "blockchain", "evm-node", 1, () => ({ isError: true, ...text("no such block") })),
    ];
    const token = hub.token("user:tester", "admin");
    for (const era of ["modern", "legacy"] as const) {
      const client = await connect(era, token);
      await eventually(() => names(client), (found) => found.length === 4);
      assert.deepEqual(await names(client), ["evm-node.read_it", "evm-node.write_it", "toolbox.read_it", "toolbox.write_it"]);
      const ok = await client.callTool({ name: "toolbox.write_it", arguments: { n: 1 } });
      assert.deepEqual(ok.content, [{ type: "text", text: 'write_it {"n":1}' }]);
      assert.equal((await client.callTool({ name: "evm-node.read_it", arguments: {} })).isError, true);
      await assert.rejects(client.callTool({ name: "toolbox.nothing", arguments: {} }), /Unknown tool toolbox\.nothing/);
      await client.close();
    }
    const calls = servers[0]!.seen.filter(({ name }) => name !== undefined);
    assert.deepEqual([...new Set(calls.map(({ name, version }) => `${name} ${version}`))], ["write_it 2026-07-28"]);
    assert.ok(servers[0]!.seen.every(({ authorization }) => authorization.startsWith("Bearer ") && !authorization.includes(token)));
    for (const server of servers) await server.stop();
    const client = await connect("modern");
    await eventually(() => names(client), (found) => found.length === 0);
    await client.close();
  });

  it("answers for a dead or silent server what to do next, while the others go on, and tries another replica first", async () => {
    await hub.stop();
    await hub.start({ HUB_GATEWAY_TIMEOUT_MS: "600" });
    const dead = await startServer(rig, "utils", "toolbox", 1, () => text("one"));
    const silent = await startServer(rig, "execution", "tx-simulator", 1, () => null);
    const client = await connect("modern");
    await eventually(() => names(client), (found) => found.length === 4);
    await dead.stop(false);
    const unreachable = await client.callTool({ name: "toolbox.read_it", arguments: {} });
    assert.equal(unreachable.isError, true);
    assert.match(JSON.stringify(unreachable.content), /toolbox cannot be reached now\. Try again/);
    const late = await client.callTool({ name: "tx-simulator.read_it", arguments: {} });
    assert.match(JSON.stringify(late.content), /did not answer within 0\.6 s/);
    const replica = await startServer(rig, "utils", "toolbox", 2, () => text("two"));
    for (let n = 0; n < 3; n++) await eventually(() => client.callTool({ name: "toolbox.read_it", arguments: {} }), ({ content }) => JSON.stringify(content).includes("two"));
    await Promise.all([dead.unregister(), silent.stop(), replica.stop()]);
    await client.close();
    await hub.stop();
    await hub.start();
  });

  it("lets a reader call only what reads", async () => {
    const server = await startServer(rig, "utils", "toolbox", 1, () => text("done"));
    const client = await connect("modern", hub.token("user:reader", "reader"));
    await eventually(() => names(client), (found) => found.length === 2);
    assert.equal((await client.callTool({ name: "toolbox.read_it", arguments: {} })).isError, undefined);
    assert.match(JSON.stringify(await client.callTool({ name: "toolbox.write_it", arguments: {} })), /role reader and may call only tools that read/);
    await client.close();
    await server.stop();
  });

  it("refuses calls without a token and from another site's page", async () => {
    const init = { jsonrpc: "2.0", id: 1, method: "ping" };
    assert.equal((await hub.call("POST", "/mcp", init, null)).status, 401);
    assert.equal((await hub.call("POST", "/mcp", init, undefined, { origin: "https://evil.example" })).status, 403);
  });

  it("tells the edge where a server's replicas are, in turn, with the hub's token and not the caller's", async () => {
    const servers = [await startServer(rig, "utils", "toolbox", 1, () => text("")), await startServer(rig, "utils", "toolbox", 2, () => text(""))];
    const ask = (uri: string, token: string | null | undefined, method = "POST") =>
      hub.call("GET", "/internal/authorize", undefined, token, { "x-original-uri": uri, "x-original-method": method });
    await eventually(async () => (await hub.call("GET", "/api/v1/services")).body.services.length, (count) => count === 2);
    const admin = hub.token("user:tester", "admin");
    const answers = await Promise.all([1, 2].map(() => ask("/servers/utils/toolbox/mcp?x=1", admin)));
    assert.deepEqual(answers.map(({ headers }) => headers.get("x-upstream")).sort(), servers.map(({ port }) => `127.0.0.1:${port}`).sort());
    for (const { status, headers } of answers) {
      assert.equal(status, 200);
      assert.ok(!headers.get("x-backend-authorization")!.includes(admin));
    }
    const unknown = await ask("/servers/utils/nothing/mcp", admin);
    assert.deepEqual([unknown.status, unknown.headers.get("x-upstream"), unknown.headers.get("x-backend-authorization")], [200, null, null], "the hub answers for it");
    const { status, body } = await hub.call("POST", "/servers/utils/nothing/mcp", {});
    assert.deepEqual([status, body.detail], [404, "No server utils/nothing is registered. There are: utils/toolbox."]);
    assert.equal((await ask("/api/v1/tasks", hub.token("user:r", "reader"))).status, 200);
    assert.equal((await ask("/servers/utils/toolbox/mcp", hub.token("user:r", "reader"))).status, 403);
    assert.equal((await ask("/servers/utils/toolbox/mcp", hub.token("server:x", "service", ["hub"]))).status, 403);
    const refused = await ask("/mcp", null);
    assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, 'Bearer realm="mcp"']);
    for (const server of servers) await server.stop();
  });
}
