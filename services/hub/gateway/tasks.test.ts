import assert from "node:assert/strict";
import { FakeServer, GatewayRig, text } from "./testing/gateway-rig.ts";

const TASK = { status: "working", createdAt: "2026-01-01T00:00:00Z", lastUpdatedAt: "2026-01-01T00:00:00Z", ttlMs: 60_000, pollIntervalMs: 500 };

describe("a long call that its server makes a task of", () => {
  let rig: GatewayRig;
  let servers: FakeServer[];
  before(async () => {
    rig = await new GatewayRig().start();
    servers = await Promise.all(["searcher", "builder"].map(async (name) => {
      const server = new FakeServer(["write_slow"], ({ method, params }) => (method === "tools/call" ? { resultType: "task", taskId: "7.a", ...TASK }
        : method === "tasks/get" ? { taskId: params.taskId, ...TASK, status: "completed", result: text(name) } : {}));
      server.capabilities = { tools: {}, extensions: { "io.modelcontextprotocol/tasks": {} } };
      rig.register(name, (await server.listen()).port);
      return server;
    }));
    await rig.offers(2);
  });
  after(async () => {
    await rig.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("is announced as an extension", async () => {
    assert.deepEqual((await rig.post("server/discover")).body.result!["capabilities"].extensions, { "io.modelcontextprotocol/tasks": {} });
  });

  it("is asked about by a name that leads to that server, though another one has a task of the same id", async () => {
    for (const name of ["searcher", "builder"]) {
      const { taskId } = (await rig.post("tools/call", { name: `${name}.write_slow` })).body.result!;
      assert.equal(taskId, `${name}.7.a`);
      const { body } = await rig.post("tasks/get", { taskId });
      assert.deepEqual([body.result!["taskId"], body.result!["result"].content[0].text], [taskId, name]);
    }
    const { params, headers } = servers[0]!.seen.find(({ method }) => method === "tasks/get")!;
    assert.deepEqual([params.taskId, headers["mcp-name"]], ["7.a", "7.a"]);
  });

  it("is cancelled and answered there too; an id that leads nowhere is no task", async () => {
    for (const method of ["tasks/cancel", "tasks/update"]) assert.equal((await rig.post(method, { taskId: "builder.7.a" })).status, 200);
    assert.deepEqual(servers[1]!.seen.slice(-2).map(({ method }) => method), ["tasks/cancel", "tasks/update"]);
    for (const taskId of ["nobody.7", "7.a", "", "builder.", 7]) assert.equal((await rig.post("tasks/get", { taskId })).body.error!.code, -32_602);
  });

  it("is no task for a token that may call nothing of that server", async () => {
    const get = (tools: string[]) => rig.post("tasks/get", { taskId: "builder.7.a" }, { claims: { tools } });
    assert.equal((await get(["searcher.*"])).body.error!.code, -32_602);
    assert.equal((await get(["builder.write_slow"])).status, 200);
  });
});
