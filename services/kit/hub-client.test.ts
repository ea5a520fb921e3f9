import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Unavailable, UserFault } from "./errors.ts";
import { HubClient } from "./hub-client.ts";

const ID = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";

describe("the hub client", () => {
  let server: Server;
  let hub: HubClient;
  let answer: { status: number; body: unknown };
  let seen: { method?: string; url?: string; authorization?: string; body: string };
  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => { body += chunk; });
      request.on("end", () => {
        seen = { method: request.method, url: request.url, authorization: request.headers.authorization, body };
        if (answer.status === 0) return void request.socket.destroy();
        response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    hub = new HubClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t", timeoutMs: 1_000 });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("submits a task with its token, and checks the answer's shape", async () => {
    answer = { status: 202, body: { id: ID, state: "pending" } };
    assert.deepEqual(await hub.submitTask({ type: "builder", action: "echo", input: { payload: 1 } }), answer.body);
    assert.deepEqual(seen, { method: "POST", url: "/api/v1/tasks", authorization: "Bearer t", body: '{"type":"builder","action":"echo","input":{"payload":1}}' });
    answer = { status: 200, body: { id: ID } };
    await assert.rejects(hub.submitTask({ type: "builder", action: "echo" }), { name: "ZodError" });
  });

  it("submits many, and hands each answer over, refusals among them", async () => {
    const refusal = { status: 422, problem: { type: "about:blank", title: "Unprocessable Entity", status: 422, detail: "There is no agent type baker." } };
    answer = { status: 200, body: { results: [{ status: 202, id: ID, state: "pending" }, refusal] } };
    const results = await hub.submitTasks([{ type: "builder", action: "echo" }, { type: "baker", action: "echo" }]);
    assert.deepEqual(results, [{ status: 202, id: ID, state: "pending" }, refusal]);
    assert.deepEqual([seen.url, seen.body], ["/api/v1/tasks:batch", '{"tasks":[{"type":"builder","action":"echo"},{"type":"baker","action":"echo"}]}']);
  });

  it("replays by a filter", async () => {
    answer = { status: 200, body: { dryRun: true, matched: 7, replayed: 0, finishedBefore: "2026-01-01T00:00:00.000Z" } };
    assert.equal((await hub.replayTasks({ type: "builder", dryRun: true })).matched, 7);
    assert.deepEqual([seen.url, seen.body], ["/api/v1/tasks:replay", '{"type":"builder","dryRun":true}']);
  });

  it("puts a filter into the query, and what it was not given not", async () => {
    answer = { status: 200, body: { tasks: [], nextCursor: null } };
    await hub.listTasks({ state: "dead", type: undefined, limit: 5 });
    assert.equal(seen.url, "/api/v1/tasks?state=dead&limit=5");
  });

  it("keeps an id that is no id inside its path segment", async () => {
    answer = { status: 404, body: { title: "Not Found", status: 404, detail: "No task ../services." } };
    await assert.rejects(hub.getTask("../services"), new UserFault("No task ../services."));
    assert.equal(seen.url, "/api/v1/tasks/..%2Fservices");
  });

  it("throws the problem's detail and fields on 4xx, as the caller's fault", async () => {
    answer = { status: 422, body: { title: "Unprocessable", status: 422, detail: "The input does not fit.", errors: [{ path: "/source", message: "missing" }] } };
    await assert.rejects(hub.submitTask({ type: "builder", action: "compile" }), new UserFault("The input does not fit. (/source: missing)"));
  });

  it("throws Unavailable on 5xx and when nobody answers", async () => {
    answer = { status: 503, body: { title: "Service Unavailable", status: 503, detail: "postgres is away" } };
    await assert.rejects(hub.listActions(), new Unavailable("postgres is away"));
    answer = { status: 0, body: null };
    await assert.rejects(hub.cancelTask(ID), (error: Error) => error instanceof Unavailable && /did not answer POST \/api\/v1\/tasks/.test(error.message));
  });

  it("ends with the caller's own signal, not as a fault of the hub", async () => {
    await assert.rejects(hub.listServices(AbortSignal.abort(new Error("leaving"))), /leaving/);
  });
});
