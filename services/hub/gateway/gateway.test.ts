import assert from "node:assert/strict";
import { eventually, FakeServer, GatewayRig, META, text, tokenOf, toolOf } from "./testing/gateway-rig.ts";

describe("the gateway", () => {
  let rig: GatewayRig;
  const servers: FakeServer[] = [];
  async function serve(name: string, server: FakeServer, options: Parameters<GatewayRig["register"]>[2] = {}): Promise<FakeServer> {
    servers.push(await server.listen());
    rig.register(name, server.port, options);
    return server;
  }
  beforeEach(async () => { rig = await new GatewayRig().start(); });
  afterEach(async () => {
    await rig.stop();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  for (const era of ["modern", "legacy"] as const) {
    it(`offers every server's tools to a ${era} client, and carries its calls`, async () => {
      const toolbox = await serve("toolbox", new FakeServer(["write_it", "read_it"]));
      await serve("evm-node", new FakeServer(["read_it"], () => ({ isError: true, ...text("no such block") })), { category: "blockchain" });
      await rig.offers(3);
      const client = await rig.client(era);
      assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), ["evm-node.read_it", "toolbox.read_it", "toolbox.write_it"]);
      assert.deepEqual((await client.callTool({ name: "toolbox.write_it", arguments: { n: 1 } })).content, [{ type: "text", text: 'write_it {"n":1}' }]);
      assert.equal((await client.callTool({ name: "evm-node.read_it", arguments: {} })).isError, true);
      await assert.rejects(client.callTool({ name: "toolbox.nothing", arguments: {} }), /Unknown tool toolbox\.nothing/);
      await client.close();
      const [{ headers, params }] = toolbox.calls as [typeof toolbox.calls[0]];
      assert.deepEqual([headers["mcp-name"], headers["mcp-method"], headers["mcp-protocol-version"], params.name], ["write_it", "tools/call", "2026-07-28", "write_it"]);
    });
  }

  it("offers prompts, resources, templates and completions, each by the server that has it", async () => {
    const server = new FakeServer(["read_it"], ({ method, params, headers }) => {
      if (method === "prompts/get") return { messages: [], description: params.name };
      if (method === "completion/complete") return { completion: { values: [params.ref.name ?? params.ref.uri] } };
      return { contents: [{ uri: params.uri, text: String(headers["mcp-name"]) }], ttlMs: 0, cacheScope: "private" };
    });
    server.lists.prompts = [{ name: "plan" }];
    server.lists.resources = [{ uri: "chain://head", name: "head" }];
    server.lists.resourceTemplates = [{ uriTemplate: "chain://block/{n}", name: "block" }];
    await serve("evm-node", server);
    await eventually(() => rig.gateway.catalogue.resource("chain://head"), (entry) => entry !== null);
    const client = await rig.client();
    assert.deepEqual((await client.listPrompts()).prompts.map(({ name }) => name), ["evm-node.plan"]);
    assert.deepEqual((await client.listResources()).resources.map(({ uri }) => uri), ["chain://head"]);
    assert.deepEqual((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate), ["chain://block/{n}"]);
    assert.equal((await client.getPrompt({ name: "evm-node.plan" })).description, "plan");
    for (const uri of ["chain://head", "chain://block/7"]) assert.equal((await client.readResource({ uri })).contents[0]!.uri, uri);
    assert.deepEqual((await client.complete({ ref: { type: "ref/prompt", name: "evm-node.plan" }, argument: { name: "a", value: "" } })).completion.values, ["plan"]);
    const missing = await rig.post("resources/read", { uri: "chain://nowhere/at/all" });
    assert.deepEqual([missing.body.error!.code, missing.body.error!.data], [-32_602, { uri: "chain://nowhere/at/all" }]);
    await client.close();
  });

  it("passes a call's bytes on as they are, but for its name", async () => {
    const server = await serve("toolbox", new FakeServer(["write_it"]));
    await rig.offers(1);
    const raw = `{ "jsonrpc":"2.0","id" : "a-1", "method":"tools/call","params":{"arguments":{"wei": 123456789012345678901234567890, "z":1,"a":1.0},"name":"toolbox.write_it","_meta":${JSON.stringify(META)}} }`;
    const answer = await rig.post("tools/call", { name: "toolbox.write_it" }, { raw });
    assert.equal(answer.body.id, "a-1");
    assert.equal(server.calls[0]!.text, raw.trim().replace('"toolbox.write_it"', '"write_it"'));
  });

  it("answers the list in one order with a time to live, and nothing is on a second page", async () => {
    await serve("b", new FakeServer(["read_b"]));
    await serve("a", new FakeServer(["read_a", "read_0"]));
    await rig.offers(3);
    const { body } = await rig.post("tools/list");
    assert.deepEqual(body.result!["tools"].map(({ name }: { name: string }) => name), ["a.read_0", "a.read_a", "b.read_b"]);
    assert.deepEqual([body.result!["ttlMs"], body.result!["cacheScope"], body.result!["resultType"]], [1_000, "public", "complete"]);
    assert.equal((await rig.post("tools/list", { cursor: "2" })).body.error!.code, -32_602);
  });

  it("shows a server within a second of its registration, and forgets it at once when it goes", async () => {
    const started = Date.now();
    await serve("toolbox", new FakeServer(["read_it"]));
    await rig.offers(1, 1_000);
    rig.unregister("toolbox");
    await rig.offers(0, 1_000);
    assert.ok(Date.now() - started < 2_000);
    assert.match(await rig.call("toolbox.read_it"), /Unknown tool/);
  });

  it("asks again when a server starts anew, and when its list's time is over", async () => {
    const server = new FakeServer(["read_it"]);
    server.ttlMs = 1_000;
    await serve("toolbox", server);
    await rig.offers(1);
    server.lists.tools.push(toolOf("read_more"));
    await rig.offers(2, 2_500);
    server.ttlMs = 60_000;
    await eventually(() => server.seen.filter(({ method }) => method === "tools/list").length, (times) => times >= 3);
    server.lists.tools.push(toolOf("read_most"));
    rig.register("toolbox", server.port, { started_at: new Date(Date.now() + 1_000).toISOString() });
    await rig.offers(3, 1_000);
  });

  it("gives replicas of a server their turns, and nothing to one that is draining", async () => {
    const [first, second] = [await serve("toolbox", new FakeServer(["read_it"])), await serve("toolbox", new FakeServer(["read_it"]), { replica: 2 })];
    await rig.offers(1);
    for (let n = 0; n < 10; n++) await rig.call("toolbox.read_it");
    // The hub's own questions take turns too.
    assert.ok(first.calls.length >= 4 && second.calls.length >= 4, `${first.calls.length} and ${second.calls.length}`);
    rig.register("toolbox", second.port, { replica: 2, status: "draining" });
    const before = second.calls.length;
    for (let n = 0; n < 4; n++) await rig.call("toolbox.read_it");
    assert.deepEqual([first.calls.length + before, second.calls.length], [14, before]);
  });

  it("gives the less busy replica the next call", async () => {
    const slow = await serve("toolbox", new FakeServer(["read_it"], () => new Promise((resolve) => setTimeout(resolve, 400, text("slow")))));
    const fast = await serve("toolbox", new FakeServer(["read_it"]), { replica: 2 });
    await rig.offers(1);
    const busy = [rig.call("toolbox.read_it"), rig.call("toolbox.read_it")];
    await eventually(() => slow.calls.length, (calls) => calls === 1);
    for (let n = 0; n < 6; n++) await rig.call("toolbox.read_it");
    await Promise.all(busy);
    assert.ok(fast.calls.length >= 6, `${fast.calls.length} of 8 went to the idle replica`);
  });

  it("offers nothing of a second server under a name that is taken, and says so once", async () => {
    await serve("toolbox", new FakeServer(["read_it"]));
    await rig.offers(1);
    const shadow = await serve("toolbox", new FakeServer(["read_it", "steal_it"]), { category: "utils", replica: 1 });
    assert.equal(rig.gateway.fleet.shadows.length, 0, "the same key is the same server");
    rig.unregister("toolbox");
    rig.register("toolbox", servers[0]!.port, { category: "orchestration" });
    rig.register("toolbox", shadow.port, { category: "utils" });
    await rig.offers(1);
    for (let n = 0; n < 4; n++) await rig.call("toolbox.read_it");
    assert.equal(shadow.calls.length, 0);
    assert.deepEqual(rig.gateway.fleet.shadows, [{ name: "toolbox", category: "utils", by: "orchestration" }]);
    assert.equal(rig.logged.filter(({ message }) => /claims a name that is taken/.test(message)).length, 1);
  });

  it("takes no value for what it is not, whatever it could be turned into", async () => {
    const strange: unknown[] = [{ toString: 1 }, ["toolbox.read_it"], 7, null, { "": "" }];
    for (const value of strange) {
      for (const [method, params] of [
        ["tools/call", { name: value }], ["tools/call", { name: "call_tool", arguments: { name: value } }], ["prompts/get", { name: value }], ["resources/read", { uri: value }],
        ["completion/complete", { ref: { type: "ref/prompt", name: value } }], ["completion/complete", { ref: { type: "ref/resource", uri: value } }], ["completion/complete", { ref: value }],
      ] as const) {
        const { status, body } = await rig.post(method, params);
        assert.deepEqual([status, body.error?.code], [200, -32_602], `${method} ${JSON.stringify(params)}`);
      }
    }
    assert.equal((await rig.post("hasOwnProperty")).status, 404);
  });

  describe("with find_tools and call_tool", () => {
    beforeEach(async () => {
      await serve("toolbox", new FakeServer(["write_hash", "read_units"]));
      await rig.offers(2);
    });

    it("lists those two alone to a client that asks for them, and the full list without them to all others", async () => {
      const client = await rig.client("modern", {}, "?tools=search");
      assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), ["call_tool", "find_tools"]);
      await client.close();
      assert.equal((await rig.post("tools/list")).body.result!["tools"].length, 2);
    });

    it("finds a tool with its schema, and calls it", async () => {
      const client = await rig.client("modern", {}, "?tools=search");
      const found = (await client.callTool({ name: "find_tools", arguments: { query: "hash" } })).structuredContent as { tools: { name: string; inputSchema: object }[] };
      assert.deepEqual(found.tools.map(({ name, inputSchema }) => [name, inputSchema]), [["toolbox.write_hash", { type: "object" }]]);
      const answer = await client.callTool({ name: "call_tool", arguments: { name: "toolbox.write_hash", arguments: { wei: 1 } } });
      assert.deepEqual(answer.content, [{ type: "text", text: 'write_hash {"wei":1}' }]);
      await client.close();
    });

    it("applies to the tool inside what applies to it: role, allow-list, name in the audit log", async () => {
      const reader = { claims: { role: "reader" as const } };
      assert.match(await rig.call("call_tool", { name: "toolbox.write_hash" }, reader), /only tools that read; toolbox\.write_hash/);
      assert.match(await rig.call("call_tool", { name: "toolbox.read_units" }, { claims: { tools: ["evm-node.*"] } }), /is not for toolbox\.read_units/);
      assert.match(await rig.call("call_tool", { name: "call_tool", arguments: { name: "toolbox.write_hash" } }, reader), /Unknown tool call_tool/);
      await rig.call("call_tool", { name: "toolbox.read_units" }, reader);
      await eventually(() => rig.audit().length, (rows) => rows === 3);
      assert.deepEqual(rig.audit().map(({ target, outcome }) => `${target} ${outcome}`), ["toolbox.write_hash refused", "toolbox.read_units refused", "toolbox.read_units ok"]);
    });

    it("hides from find_tools what the token's list leaves out", async () => {
      assert.match(await rig.call("find_tools", { query: "" }, { claims: { tools: ["toolbox.read_units"] } }), /"total":1/);
    });
  });

  it("keeps no session: any hub answers any call, and a second hub needs nothing of the first", async () => {
    const server = await serve("toolbox", new FakeServer(["read_it"]));
    await rig.offers(1);
    const client = await rig.client("legacy");
    const other = await new GatewayRig().start();
    other.register("toolbox", server.port);
    await other.offers(1);
    const answer = await fetch(other.url, {
      method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "toolbox.read_it", arguments: {} } }),
      headers: { authorization: `Bearer ${tokenOf()}`, "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25", "mcp-session-id": "of the other hub" },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("mcp-session-id"), null);
    await client.close();
    await other.stop();
  });
});
