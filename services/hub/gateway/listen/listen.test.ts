import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { TokenClaims } from "../../../../contract/access.ts";
import { EventCutter, eventOf, messageOfEvent } from "../protocol/event-stream.ts";
import { eventually, FakeServer, GatewayRig, toolOf } from "../testing/gateway-rig.ts";
import { wantedOf } from "./upstream.ts";

interface Note { method?: string; id?: unknown; params?: { uri?: string; notifications?: object; _meta?: Record<string, unknown> }; result?: object }

/** A stream of `subscriptions/listen`, read as it comes. */
class Listener {
  readonly heard: Note[] = [];
  ended = false;
  readonly #leaving = new AbortController();

  async open(rig: GatewayRig, notifications: object, id: string | number = 1, claims: Partial<TokenClaims> = {}): Promise<this> {
    const response = await rig.send("subscriptions/listen", {}, {
      signal: this.#leaving.signal, claims,
      raw: JSON.stringify({ jsonrpc: "2.0", id, method: "subscriptions/listen", params: { notifications, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} } } }),
    });
    assert.equal(response.headers.get("x-accel-buffering"), "no");
    const cutter = new EventCutter(1_000_000);
    void (async () => {
      for await (const chunk of response.body!) for (const event of cutter.take(Buffer.from(chunk))) this.heard.push((messageOfEvent(event) ?? {}) as Note);
    })().catch(() => undefined).finally(() => { this.ended = true; });
    await eventually(() => this.heard.length, (count) => count > 0);
    return this;
  }

  get methods(): (string | undefined)[] {
    return this.heard.map(({ method }) => method);
  }

  leave(): void {
    this.#leaving.abort();
  }
}

/** Keeps the streams that the gateway opens to it. */
function talking(tools: string[]): { server: FakeServer; streams: { filter: any; response: ServerResponse }[]; say(method: string, params?: object): void } {
  const streams: { filter: any; response: ServerResponse }[] = [];
  const server = new FakeServer(tools, ({ method, params }, response) => {
    if (method !== "subscriptions/listen") return {};
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(eventOf({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: { notifications: params.notifications } }));
    const stream = { filter: params.notifications, response };
    streams.push(stream);
    response.once("close", () => streams.splice(streams.indexOf(stream), 1));
    return null;
  });
  server.capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  return { server, streams, say: (method, params = {}) => { for (const { response } of streams) response.write(eventOf({ jsonrpc: "2.0", method, params })); } };
}

describe("subscriptions/listen", () => {
  let rig: GatewayRig;
  const servers: FakeServer[] = [];
  const listeners: Listener[] = [];
  const listen = async (notifications: object, id?: string | number, claims?: Partial<TokenClaims>): Promise<Listener> => {
    const listener = new Listener();
    listeners.push(listener);
    return listener.open(rig, notifications, id, claims);
  };
  const serve = async (name: string, server: FakeServer): Promise<void> => {
    servers.push(await server.listen());
    rig.register(name, server.port);
  };
  beforeEach(async () => { rig = await new GatewayRig().start(); });
  afterEach(async () => {
    for (const listener of listeners.splice(0)) listener.leave();
    await rig.stop();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it("acknowledges first, tags everything with the request's id, and tells when a server comes and goes", async () => {
    const listener = await listen({ toolsListChanged: true, promptsListChanged: false }, "mine");
    assert.deepEqual(listener.heard[0], { jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: { notifications: { toolsListChanged: true }, _meta: { "io.modelcontextprotocol/subscriptionId": "mine" } } });
    await serve("toolbox", new FakeServer(["read_it"]));
    await eventually(() => listener.methods.length, (count) => count === 2);
    rig.unregister("toolbox");
    await eventually(() => listener.methods.length, (count) => count === 3);
    assert.deepEqual([...new Set(listener.methods.slice(1))], ["notifications/tools/list_changed"]);
    assert.ok(listener.heard.every(({ params }) => params!._meta!["io.modelcontextprotocol/subscriptionId"] === "mine"));
  });

  it("tells only what was asked for", async () => {
    const [prompts, tools] = [await listen({ promptsListChanged: true }), await listen({ toolsListChanged: true })];
    await serve("toolbox", new FakeServer(["read_it"]));
    await eventually(() => tools.methods.length, (count) => count === 2);
    assert.equal(prompts.methods.length, 1);
  });

  it("tells at once what a server says of its lists, long before they are old", async () => {
    const { server, streams, say } = talking(["read_it"]);
    await serve("toolbox", server);
    const listener = await listen({ toolsListChanged: true });
    await eventually(() => streams.length, (count) => count === 1);
    const before = listener.methods.length;
    server.lists.tools.push(toolOf("read_more"));
    say("notifications/tools/list_changed");
    await eventually(() => listener.methods.length, (count) => count > before, 1_000);
    assert.equal((await rig.post("tools/list")).body.result!["tools"].length, 2);
  });

  it("passes on what a server says of a list, changed or not", async () => {
    const { server, streams, say } = talking(["read_it"]);
    await serve("toolbox", server);
    await eventually(() => streams.length, (count) => count === 1);
    const listener = await listen({ toolsListChanged: true, promptsListChanged: true });
    say("notifications/tools/list_changed");
    await eventually(() => listener.methods.slice(1), (methods) => methods.join() === "notifications/tools/list_changed", 1_000);
  });

  it("opens one stream to a server, whoever listens, and subscribes there to what any client wants", async () => {
    const { server, streams, say } = talking(["read_it"]);
    server.lists.resources = [{ uri: "chain://head", name: "head" }, { uri: "chain://tail", name: "tail" }];
    await serve("evm-node", server);
    await eventually(() => rig.gateway.catalogue.resource("chain://head"), Boolean);
    const [first, second] = [await listen({ resourceSubscriptions: ["chain://head"] }), await listen({ resourceSubscriptions: ["chain://head", "chain://tail"] })];
    await eventually(() => streams.map(({ filter }) => filter.resourceSubscriptions), (uris) => JSON.stringify(uris) === '[["chain://head","chain://tail"]]');
    say("notifications/resources/updated", { uri: "chain://tail" });
    await eventually(() => second.heard.at(-1)!.params!.uri, (uri) => uri === "chain://tail");
    assert.equal(first.methods.length, 1);
    second.leave();
    await eventually(() => streams.map(({ filter }) => filter.resourceSubscriptions), (uris) => JSON.stringify(uris) === '[["chain://head"]]');
  });

  it("tells a token with a list nothing of other servers' resources", async () => {
    const { server, streams } = talking(["read_it"]);
    server.lists.resources = [{ uri: "chain://head", name: "head" }];
    await serve("evm-node", server);
    await eventually(() => rig.gateway.catalogue.resource("chain://head"), Boolean);
    const listener = await listen({ toolsListChanged: true, resourceSubscriptions: ["chain://head", "chain://nothing"] }, 1, { tools: ["toolbox.*"] });
    assert.deepEqual(listener.heard[0]!.params!.notifications, { toolsListChanged: true });
    assert.ok(streams.every(({ filter }) => filter.resourceSubscriptions === undefined));
  });

  it("comes back to a server whose stream broke, and asks what it missed", async () => {
    const { server, streams } = talking(["read_it"]);
    await serve("toolbox", server);
    const listener = await listen({ toolsListChanged: true });
    await eventually(() => streams.length, (count) => count === 1);
    const before = listener.methods.length;
    server.lists.tools.push(toolOf("read_more"));
    streams[0]!.response.destroy();
    await eventually(() => listener.methods.length, (count) => count > before, 2_000);
    await eventually(() => streams.length, (count) => count === 1);
  });

  it("ends with a normal result when the hub stops, and at once for a filter that asks for nothing", async () => {
    const nothing = await listen({});
    await eventually(() => nothing.ended, Boolean);
    assert.deepEqual(nothing.heard[1]!.result, { resultType: "complete", _meta: { "io.modelcontextprotocol/subscriptionId": 1, "io.modelcontextprotocol/serverInfo": { name: "mcp-hub", version: (nothing.heard[1]!.result as any)._meta["io.modelcontextprotocol/serverInfo"].version } } });
    const open = await listen({ toolsListChanged: true }, 7);
    await rig.gateway.close();
    await eventually(() => open.ended, Boolean);
    assert.equal(open.heard.at(-1)!.id, 7);
  });

  it("refuses a filter that is none, and more streams than a caller may have", async () => {
    assert.equal((await rig.post("subscriptions/listen", { notifications: { toolsListChanged: "yes" } })).body.error!.code, -32_602);
    assert.equal((await rig.post("subscriptions/listen")).body.error!.code, -32_602);
    for (let n = 0; n < 64; n++) await listen({ toolsListChanged: true }, n);
    assert.match((await rig.post("subscriptions/listen", { notifications: { toolsListChanged: true } })).body.error!.message, /64 streams a caller/);
  });

  it("forgets a client that is gone", async () => {
    const listener = await listen({ toolsListChanged: true });
    assert.equal(rig.gateway.subscriptions.streams, 1);
    listener.leave();
    await eventually(() => rig.gateway.subscriptions.streams, (count) => count === 0);
  });

  it("is asked of a server only for what that server can say", () => {
    assert.equal(wantedOf({ tools: {} }, ["x://y"]), null);
    assert.deepEqual(wantedOf({ tools: { listChanged: true }, resources: { subscribe: true } }, ["x://y"]), { toolsListChanged: true, resourceSubscriptions: ["x://y"] });
    assert.deepEqual(wantedOf({ resources: { listChanged: true, subscribe: true } }, []), { resourcesListChanged: true });
  });
});
