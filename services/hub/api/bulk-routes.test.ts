import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { z } from "zod";
import type { Role } from "../../../contract/access.ts";
import { BatchAnswer, EchoInput, ReplayAnswer, TaskPolicy } from "../../../contract/tasks.ts";
import { createHttpApp } from "../../kit/http.ts";
import { silentLog } from "../../kit/testing.ts";
import type { Catalogs, KnownType } from "../actions/catalogs.ts";
import { compileInputCheck } from "../actions/check-input.ts";
import type { TaskFabric } from "../tasks/fabric.ts";
import type { Submission } from "../tasks/submit.ts";
import { mountBulk } from "./bulk-routes.ts";

const schema = z.toJSONSchema(EchoInput, { io: "input" }) as Record<string, unknown>;
const builder: KnownType = {
  catalog: { type: "builder", agentId: "builder-1", concurrency: 4, policy: TaskPolicy.parse({}), actions: [{ name: "echo", description: "Echo.", input: schema }] },
  checks: new Map([["echo", compileInputCheck(schema)], ["compile", () => []]]),
  lastSeenAt: Date.now(),
};
const echo = { type: "builder", action: "echo" };

describe("many tasks in one call", () => {
  const stored: Submission[][] = [];
  const replays: unknown[] = [];
  const app = createHttpApp({
    log: silentLog, metrics: new Registry(), missing: () => [], bodyLimit: 1_048_576,
    checkToken: (header) => ({ ok: true, claims: { sub: `user:${header}`, role: header as Role, aud: ["*"] } }),
  });
  mountBulk(app, { get: (type: string) => (type === "builder" ? builder : null), deployed: () => [builder] } as unknown as Catalogs, () => ({
    // As the database: it cannot store a NUL, and knows the key "again" already.
    submitAll: async (submissions: Submission[]) => {
      stored.push(submissions);
      return submissions.map(({ id, input, idempotencyKey }) =>
        (JSON.stringify(input).includes("\\u0000") ? null : { id, state: "pending", created: idempotencyKey !== "again", createdAt: null }));
    },
    replayAll: async (...given: unknown[]) => (replays.push(given), { dryRun: false, matched: 3, replayed: 2, finishedBefore: "2026-01-01T00:00:00.000Z" }),
  }) as unknown as TaskFabric);
  after(() => app.close());
  beforeEach(() => { stored.length = 0; replays.length = 0; });

  const post = async (path: string, body: unknown, role: Role = "admin"): Promise<{ status: number; body: any }> => {
    const answer = await app.inject({ method: "POST", url: `/api/v1/${path}`, headers: { authorization: role, "content-type": "application/json" }, payload: JSON.stringify(body) });
    return { status: answer.statusCode, body: answer.json() };
  };

  it("answers in order, stores the good ones together, and refuses each bad one alone by a pointer into the body", async () => {
    const { status, body } = await post("tasks:batch", { tasks: [
      echo, { ...echo, input: { sleepMs: -1 } }, { ...echo, idempotencyKey: "again" }, { type: "baker", action: "echo" }, "no task", { ...echo, input: { payload: "a\u0000b" } }, echo,
    ] });
    assert.equal(status, 200);
    const { results } = BatchAnswer.parse(body);
    assert.deepEqual(results.map((result) => result.status), [202, 422, 200, 422, 422, 422, 202]);
    assert.deepEqual(results.map((result) => ("problem" in result ? result.problem.errors![0]!.path : "")),
      ["", "/tasks/1/input/sleepMs", "", "/tasks/3/type", "/tasks/4", "/tasks/5", ""]);
    assert.deepEqual(stored.map((batch) => batch.length), [4], "in one go");
    assert.deepEqual(results.flatMap((result) => ("id" in result ? [result.id] : [])), [stored[0]![0]!.id, stored[0]![1]!.id, stored[0]![3]!.id]);
    assert.deepEqual(stored[0]!.map(({ caller }) => caller), Array(4).fill("user:admin"));
  });

  it("takes 1 to 1000 tasks, and no more than 4 MiB", async () => {
    assert.equal((await post("tasks:batch", { tasks: Array(1_000).fill(echo) })).body.results.length, 1_000);
    for (const body of [{ tasks: [] }, { tasks: Array(1_001).fill(echo) }, { tasks: {} }, [], { tasks: [echo], more: 1 }]) {
      assert.equal((await post("tasks:batch", body)).status, 422, JSON.stringify(body).slice(0, 60));
    }
    assert.equal((await post("tasks:batch", { tasks: [{ ...echo, input: { payload: "x".repeat(3_000_000) } }] })).status, 200);
    assert.equal((await post("tasks:batch", { tasks: [{ ...echo, input: { payload: "x".repeat(4_194_304) } }] })).status, 413);
  });

  it("lets an operator submit and replay probes only, and a reader nothing", async () => {
    const { results } = (await post("tasks:batch", { tasks: [echo, { ...echo, action: "compile" }] }, "operator")).body;
    assert.deepEqual(results.map((result: { status: number }) => result.status), [202, 403]);
    assert.equal((await post("tasks:replay", {}, "operator")).status, 200);
    assert.partialDeepStrictEqual(replays, [[{ action: "echo" }]]);
    assert.equal((await post("tasks:batch", { tasks: [echo] }, "reader")).status, 403);
    assert.equal((await post("tasks:replay", {}, "reader")).status, 403);
    assert.equal(stored.length, 1);
  });

  it("replays what the filter chooses, a thousand at most unless said, on the caller's behalf", async () => {
    const { status, body } = await post("tasks:replay", { type: "builder", errorCode: "unavailable", state: "dead" });
    assert.equal(status, 200);
    assert.deepEqual(ReplayAnswer.parse(body), { dryRun: false, matched: 3, replayed: 2, finishedBefore: "2026-01-01T00:00:00.000Z" });
    assert.deepEqual(replays, [[{ type: "builder", errorCode: "unavailable", state: "dead", action: undefined }, { limit: 1_000, dryRun: false, actor: "user:admin" }]]);
  });

  it("refuses a filter that it does not know, rather than replay everything", async () => {
    for (const body of [{ kind: "builder" }, { state: "cancelled" }, { finishedAfter: "yesterday" }, { limit: 0 }, []]) {
      assert.equal((await post("tasks:replay", body)).status, 422, JSON.stringify(body));
    }
    assert.deepEqual(replays, []);
  });
});
