import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "mocha";
import { CALL_TYPE } from "../../../contract/tasks.ts";
import { serverKey, type Registration } from "../../../contract/registry.ts";
import { FakeServer, text, toolOf } from "../../../services/hub/gateway/testing/gateway-rig.ts";
import type { Answer } from "./hub-process.ts";
import { eventually, type HubRig } from "./rig.ts";

const META = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } } };
const WIRE = { createdAt: "2026-01-01T00:00:00Z", lastUpdatedAt: "2026-01-01T00:00:00Z", ttlMs: 3_600_000, pollIntervalMs: 250 };
const KEY = serverKey("utils", "toolbox", 1);

/** A server that makes a task of each call, and knows it until it is told to forget. */
class LongServer extends FakeServer {
  readonly tasks = new Map<string, Record<string, unknown>>();

  constructor() {
    super([toolOf("write_slow"), toolOf("read_slow")], ({ method, params }) => {
      if (method === "tools/call") {
        const taskId = `own-${this.calls.length}`;
        this.tasks.set(taskId, { status: "working" });
        return { resultType: "task", taskId, status: "working", ...WIRE };
      }
      const task = this.tasks.get(params.taskId);
      return task ? { taskId: params.taskId, ...WIRE, ...task } : { error: { code: -32_602, message: "no such task" } };
    });
    this.capabilities = { tools: {}, extensions: { "io.modelcontextprotocol/tasks": {} } };
  }

  end(value: string): void {
    for (const task of this.tasks.values()) Object.assign(task, { status: "completed", result: text(value) });
  }
}

export function longCallCases(rig: HubRig): void {
  const { hub, clients, runner } = rig;

  const ask = (method: string, params: Record<string, unknown>): Promise<Answer> => hub.call(
    "POST", "/mcp", { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } }, undefined,
    { "mcp-protocol-version": "2026-07-28", "mcp-method": method, "mcp-name": String(params["name"] ?? params["taskId"] ?? ""), accept: "application/json, text/event-stream" },
  );

  async function withServer(test: (server: LongServer) => Promise<void>): Promise<void> {
    const server = new LongServer();
    await server.listen();
    const entry: Registration = { host: "127.0.0.1", port: server.port, status: "healthy", capabilities: [], current_task: null, version: "0", started_at: new Date().toISOString() };
    await clients.etcd("root").put(KEY).value(JSON.stringify(entry));
    try {
      await eventually(async () => (await ask("tools/list", {})).body.result.tools.length as number, (tools) => tools === 2);
      await test(server);
    } finally {
      await clients.etcd("root").delete().key(KEY);
      await server.stop();
    }
  }

  const begin = async (name: string, input: object = {}): Promise<string> => (await ask("tools/call", { name, arguments: input })).body.result.taskId;
  const status = async (taskId: string): Promise<string | undefined> => (await ask("tasks/get", { taskId }).catch(() => null))?.body.result?.status;
  const until = async (taskId: string, wanted: string): Promise<any> => {
    await eventually(() => status(taskId), (now) => now === wanted, 60_000);
    return (await ask("tasks/get", { taskId })).body.result;
  };

  it("gives the client the result of the task that it polls after hub, Redis and PostgreSQL were killed, and calls no tool twice", () => withServer(async (server) => {
    const taskId = await begin("toolbox.write_slow", { secret: "hunter2" });
    assert.equal(await status(taskId), "working");
    for (const store of ["redis", "postgres"]) await runner.kill(store);
    await hub.stop("SIGKILL");
    server.end("found meanwhile");
    for (const store of ["redis", "postgres"]) {
      await runner.restart(store);
      await runner.ready(store, 30_000);
    }
    await hub.start();
    assert.equal((await until(taskId, "completed")).result.content[0].text, "found meanwhile");
    assert.equal(server.calls.length, 1);
    const row = await hub.task(taskId);
    assert.deepEqual([row.type, row.action, row.state, row.attempts.map(({ outcome }) => outcome)], [CALL_TYPE, "toolbox.write_slow", "succeeded", ["succeeded"]]);
    assert.doesNotMatch(JSON.stringify(row), /hunter2|found meanwhile/);
  }));

  it("goes on while PostgreSQL alone is away, however long the call takes", () => withServer(async (server) => {
    const taskId = await begin("toolbox.write_slow");
    await runner.kill("postgres");
    assert.equal((await ask("tasks/get", { taskId })).body.result, undefined);
    server.end("found");
    await sleep(2_000);
    await runner.restart("postgres");
    await runner.ready("postgres", 30_000);
    assert.equal((await until(taskId, "completed")).result.content[0].text, "found");
    assert.equal(server.calls.length, 1);
  }));

  it("calls a tool that reads again when its server has forgotten the call, and any other never; a replay changes nothing of that", () => withServer(async (server) => {
    const [reads, writes] = [await begin("toolbox.read_slow"), await begin("toolbox.write_slow")];
    server.tasks.clear();
    await eventually(() => server.calls.length, (calls) => calls === 3, 30_000);
    server.end("found after all");
    assert.equal((await until(reads, "completed")).result.content[0].text, "found after all");
    assert.match((await until(writes, "failed")).error.message, /It may have been carried out/);
    assert.equal((await hub.call("POST", `/api/v1/tasks/${writes}/replay`)).status, 202);
    await eventually(async () => (await hub.task(writes)).attempts.length, (attempts) => attempts === 2, 30_000);
    assert.equal((await until(writes, "failed")).error.data.reason, "interrupted");
    assert.deepEqual(server.calls.map(({ params }) => params.name).sort(), ["read_slow", "read_slow", "write_slow"]);
    const postgres = await clients.postgres("hub");
    assert.equal((await postgres.query("select count(*)::int as n from fabric.outbox")).rows[0].n, 0, "there is no letter that no queue would take");
  }));
}
