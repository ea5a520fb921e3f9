import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { TokenClaims } from "../../../contract/access.ts";
import { eventOf } from "./protocol/event-stream.ts";
import { eventually, FakeServer, GatewayRig, text, toolOf, type Posted } from "./testing/gateway-rig.ts";
import { DECLARED, LongServer, TASKS, WIRE } from "./testing/long-server.ts";

describe("a long call that its server makes a task of", function () {
  this.timeout(20_000);
  let rig: GatewayRig;
  let server: LongServer;
  beforeEach(async () => {
    rig = await new GatewayRig().start();
    server = new LongServer();
    rig.register("searcher", (await server.listen()).port);
    await rig.offers(2);
  });
  afterEach(async () => {
    await rig.stop();
    await server.stop();
  });

  const call = (name = "searcher.write_slow", input: object = { n: 1 }, claims: Partial<TokenClaims> = {}): Promise<Posted> => rig.post("tools/call", { name, arguments: input, ...DECLARED }, { claims });
  const ask = (method: string, taskId: unknown, claims: Partial<TokenClaims> = {}, params: object = {}): Promise<Posted> =>
    rig.post(method, { taskId, ...params, ...DECLARED }, { claims, headers: typeof taskId === "string" ? {} : { "mcp-name": "x" } });
  const begin = async (name?: string): Promise<{ taskId: string; own: string }> => {
    const { taskId } = (await call(name)).body.result!;
    return { taskId, own: [...server.tasks.keys()].at(-1)! };
  };
  const task = async (taskId: string): Promise<Record<string, any>> => (await ask("tasks/get", taskId)).body.result!;
  const until = (taskId: string, status: string): Promise<Record<string, any>> => eventually(() => task(taskId), (now) => now["status"] === status, 10_000);

  it("is announced as an extension", async () => {
    assert.deepEqual((await rig.post("server/discover")).body.result!["capabilities"].extensions, TASKS.extensions);
  });

  it("is a task of the gateway's: the server's own name for it stays inside, and its result is there once there is one", async () => {
    const made = (await call()).body.result!;
    const own = [...server.tasks.keys()][0]!;
    assert.deepEqual([made["resultType"], made["status"], made["ttlMs"]], ["task", "working", 86_400_000]);
    assert.ok(!JSON.stringify(made).includes(own));
    server.end(own, { statusMessage: "half way", lastUpdatedAt: "2999-01-01T00:00:00Z" });
    const working = await task(made["taskId"]);
    assert.deepEqual([working["status"], working["statusMessage"], working["lastUpdatedAt"], working["createdAt"]], ["working", "half way", "2999-01-01T00:00:00Z", made["createdAt"]]);
    server.end(own, { status: "completed", result: { ...text("found"), structuredContent: { big: 1 } } });
    const { resultType, result } = await until(made["taskId"], "completed");
    assert.deepEqual([resultType, result], ["complete", { ...text("found"), structuredContent: { big: 1 } }]);
    server.restart();
    assert.equal((await task(made["taskId"]))["status"], "completed", "the gateway keeps it, whatever becomes of the server");
    const names = server.seen.filter(({ method }) => method === "tasks/get").map(({ params, headers }) => [params.taskId, headers["mcp-name"]]);
    assert.deepEqual([...new Set(names.flat())], [own]);
  });

  it("is told from one of the same name that another server has", async () => {
    const other = new LongServer([toolOf("write_slow")]);
    rig.register("builder", (await other.listen()).port);
    await rig.offers(3);
    server.nextId = other.nextId = () => "7";
    const [one, two] = [(await call()).body.result!["taskId"], (await call("builder.write_slow")).body.result!["taskId"]];
    other.end("7", { status: "completed", result: text("built") });
    assert.equal((await until(two, "completed"))["result"].content[0].text, "built");
    assert.equal((await task(one))["status"], "working");
    await other.stop();
  });

  it("is made through call_tool too, and when the server answers by a stream", async () => {
    const { taskId } = (await rig.post("tools/call", { name: "call_tool", arguments: { name: "searcher.read_slow", arguments: {} }, ...DECLARED })).body.result!;
    assert.equal((await task(taskId))["status"], "working");
    const streaming = new FakeServer(["read_stream"], ({ method }, response) => {
      if (method !== "tools/call") return {};
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(eventOf({ jsonrpc: "2.0", id: 1, result: { resultType: "task", taskId: "s", status: "working", ...WIRE } }));
      return null;
    });
    rig.register("streamer", (await streaming.listen()).port);
    await rig.offers(3);
    const event = await (await rig.send("tools/call", { name: "streamer.read_stream", ...DECLARED })).text();
    const { result } = JSON.parse(event.replace(/^[^{]*/, "")) as { result: Record<string, string> };
    assert.deepEqual([result["resultType"], rig.ledger.rows.get(result["taskId"]!)!.handle.taskId], ["task", "s"]);
    await streaming.stop();
  });

  it("goes on when the hub stops, and is followed by the next one: no tool is called twice", async () => {
    const { taskId, own } = await begin();
    await rig.stop();
    server.end(own, { status: "completed", result: text("found meanwhile") });
    const ledger = rig.ledger;
    rig = await new GatewayRig().start({ ledger });
    rig.register("searcher", server.port);
    await rig.offers(2);
    assert.equal((await until(taskId, "completed"))["result"].content[0].text, "found meanwhile");
    assert.equal(server.calls.length, 1);
  });

  it("is taken over from a hub that fell silent", async () => {
    const { taskId, own } = await begin();
    const { ledger } = rig;
    ledger.release = async () => undefined; // a process that is killed says nothing
    await rig.stop();
    rig = await new GatewayRig().start({ ledger });
    rig.register("searcher", server.port);
    await rig.offers(2);
    assert.equal((await task(taskId))["status"], "working", "any hub tells of it");
    assert.equal(rig.gateway.calls.following, 0);
    ledger.forget();
    await eventually(() => rig.gateway.calls.following, (calls) => calls === 1, 10_000);
    server.end(own, { status: "completed", result: text("found") });
    assert.equal((await until(taskId, "completed"))["result"].content[0].text, "found");
    assert.deepEqual(ledger.attempts.map(({ outcome }) => outcome), ["succeeded"]);
  });

  it("that only reads is made again, with the same arguments, when its server has forgotten it", async () => {
    const { taskId } = (await call("searcher.read_slow", { text: "ä\u0000", n: 9_007_199_254_740_993 })).body.result!;
    server.restart();
    await eventually(() => server.calls.length, (calls) => calls === 2, 10_000);
    const [first, again] = server.calls.map(({ text, headers }) => [JSON.parse(text).params.arguments, JSON.parse(text).params.name, headers["mcp-name"]]);
    assert.deepEqual(again, first);
    server.end([...server.tasks.keys()].at(-1)!, { status: "completed", result: text("found after all") });
    assert.equal((await until(taskId, "completed"))["result"].content[0].text, "found after all");
    assert.deepEqual(rig.ledger.attempts.map(({ outcome }) => outcome), ["failed", "succeeded"]);
  });

  it("that only reads is given up after three attempts", async () => {
    const { taskId } = await begin("searcher.read_slow");
    for (let attempt = 1; attempt <= 3; attempt++) {
      await eventually(() => server.calls.length, (calls) => calls === attempt, 10_000);
      server.restart();
    }
    assert.match((await until(taskId, "failed"))["error"].message, /started anew/);
    assert.equal(server.calls.length, 3);
  });

  it("that may change something is never made twice: it fails, and says why", async () => {
    const { taskId } = await begin("searcher.write_slow");
    server.restart();
    const { error, result } = await until(taskId, "failed");
    assert.deepEqual([error.code, error.data.reason, result], [-32_603, "interrupted", undefined]);
    assert.match(error.message, /started anew\. It may have been carried out/);
    // Somebody replays it through the task API.
    Object.assign(rig.ledger.rows.get(taskId)!, { state: "pending", failures: 0, dueAt: 0 });
    await eventually(() => rig.ledger.attempts.length, (attempts) => attempts === 2, 10_000);
    assert.equal(server.calls.length, 1);
  });

  it("fails as an error of the protocol with that error, and as a tool with a result", async () => {
    const [one, two] = [await begin(), await begin()];
    server.end(one.own, { status: "failed", error: { code: -32_042, message: "no such block" } });
    server.end(two.own, { status: "completed", result: { ...text("refused"), isError: true } });
    assert.deepEqual((await until(one.taskId, "failed"))["error"], { code: -32_042, message: "no such block" });
    assert.equal((await until(two.taskId, "completed"))["result"].isError, true);
  });

  it("is cancelled at its server, once by whoever asks; a server that stops on its own accord has not cancelled it", async () => {
    const { taskId, own } = await begin();
    const ack = (await ask("tasks/cancel", taskId)).body.result!;
    assert.deepEqual(ack, { resultType: "complete" });
    assert.equal((await until(taskId, "cancelled"))["error"], undefined);
    assert.deepEqual([...new Set(server.cancelled)], [own]);
    assert.deepEqual((await ask("tasks/cancel", taskId)).body.result, ack);
    const stopped = await begin();
    server.end(stopped.own, { status: "cancelled" });
    assert.match((await until(stopped.taskId, "failed"))["error"].message, /gave it up, as it does when it stops/);
  });

  it("asks its client, and carries the answers", async () => {
    const { taskId, own } = await begin();
    const inputRequests = { "1.sure": { method: "elicitation/create", params: { message: "Sure?" } } };
    server.end(own, { status: "input_required", inputRequests });
    const asked = await task(taskId);
    assert.deepEqual([asked["status"], asked["inputRequests"]], ["input_required", inputRequests]);
    const inputResponses = { "1.sure": { action: "accept", content: { yes: true } } };
    assert.deepEqual((await ask("tasks/update", taskId, {}, { inputResponses })).body.result, { resultType: "complete" });
    const { params } = server.seen.findLast(({ method }) => method === "tasks/update")!;
    assert.deepEqual([params.taskId, params.inputResponses], [own, inputResponses]);
    assert.equal((await ask("tasks/update", taskId)).body.error!.code, -32_602);
  });

  it("is its caller's alone, and only while the token lets the tool through", async () => {
    const { taskId } = await begin();
    for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
      for (const claims of [{ sub: "user:eve" }, { tools: ["searcher.read_slow"] }, { tools: [] }]) {
        const { body } = await ask(method, taskId, claims, { inputResponses: {} });
        assert.deepEqual(body.error, { code: -32_602, message: "There is no such task" });
      }
    }
    assert.equal((await ask("tasks/get", taskId, { tools: ["searcher.*"] })).body.result!["status"], "working");
    for (const unknown of ["searcher.7", randomUUID(), "", 7, null]) assert.equal((await ask("tasks/get", unknown)).body.error!.code, -32_602);
    assert.deepEqual(server.cancelled, []);
  });

  it("is nothing for a client that does not know tasks", async () => {
    const { taskId } = await begin();
    const { status, body } = await rig.post("tasks/get", { taskId });
    assert.deepEqual([status, body.error!.code, body.error!.data], [400, -32_021, { requiredCapabilities: TASKS }]);
    // This server makes one all the same, against the rules.
    assert.match(await rig.call("searcher.write_slow"), /which wants a client that declares/);
    await eventually(() => server.cancelled.length, (cancelled) => cancelled === 1);
    const legacy = await rig.client("legacy");
    const answer = await legacy.callTool({ name: "searcher.write_slow", arguments: {} });
    assert.match(JSON.stringify(answer.content), /which wants a client that declares/);
    await legacy.close();
    assert.equal(rig.ledger.rows.size, 1);
  });

  it("is not begun when it cannot be made durable, and is not lost when the ledger is away later", async () => {
    const { taskId, own } = await begin();
    rig.ledger.away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { body } = await call();
    assert.match(body.result!["content"][0].text, /could not be written down, and was cancelled/);
    await eventually(() => server.cancelled.length, (cancelled) => cancelled === 1);
    assert.match((await ask("tasks/get", taskId)).body.error!.message, /it goes on\. Ask again/);
    server.end(own, { status: "completed", result: text("found") });
    await eventually(() => rig.gateway.calls.following, (calls) => calls === 1);
    rig.ledger.away = null;
    assert.equal((await until(taskId, "completed"))["result"].content[0].text, "found");
  });

  it("is counted and written down as any call, without what was asked or answered", async () => {
    const { taskId } = await begin();
    await task(taskId);
    const rows = rig.audit().map(({ method, target, server: of, outcome }) => [method, target, of, outcome]);
    assert.deepEqual(rows, [["tools/call", "searcher.write_slow", "searcher", "task"], ["tasks/get", "searcher", "searcher", "ok"]]);
    const limited = { callsPerMinute: 1, sub: "user:busy" };
    await ask("tasks/get", taskId, limited);
    assert.equal((await ask("tasks/get", taskId, limited)).status, 429);
  });
});
