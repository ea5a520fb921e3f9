import assert from "node:assert/strict";
import { it } from "mocha";

import { redisKeys } from "../../../contract/redis-keys.ts";
import { Task } from "../../../contract/tasks.ts";
import { never, succeed } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, OTHER_TYPE, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };

export function apiCases(rig: HubRig): void {
  const { hub, clients } = rig;

  it("carries a task to an agent and its result back, and lets the agent go", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: (task) => ({ outcome: "succeeded", result: { said: task.input } }) });
    const { status, body, headers } = await hub.call("POST", "/api/v1/tasks", { ...echo, input: { payload: "hello" }, priority: "high" });
    assert.deepEqual([status, body.state, headers.get("location")], [202, "active", `/api/v1/tasks/${body.id}`]);
    const task = Task.parse(await hub.until(body.id, "succeeded"));
    assert.deepEqual(task.result, { said: { payload: "hello" } });
    assert.deepEqual([task.attempt, task.priority, task.caller, task.error], [1, "high", "user:tester", null]);
    assert.partialDeepStrictEqual(task.attempts, [{ attempt: 1, agentId: agent.id, outcome: "succeeded", error: null }]);
    await eventually(() => agent.held.size, (held) => held === 0);
  });

  it("keeps the contract's keys in Redis: pending, active with its agent, the result", async () => {
    const redis = clients.redis("hub");
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    const first = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    await agent.heartbeat({ taskId: first.id, attempt: 1 }, 0.4);
    const active = await eventually(() => redis.hgetall(redisKeys.taskActive(first.id)), (hash) => hash["agent"] === agent.id);
    assert.deepEqual([active["attempt"], active["progress"]], ["1", "0.4"]);
    assert.equal((await hub.task(first.id)).progress, 0.4);
    const waiting = await Promise.all([1, 2, 3].map(() => hub.submit(echo)));
    await eventually(() => redis.zcard(redisKeys.tasksPending), (count) => count === 2);
    assert.ok(waiting.map(({ id }) => id).includes((await redis.zrange(redisKeys.tasksPending, "0", "0"))[0]!));
    agent.work = succeed;
    await agent.report({ taskId: first.id, attempt: 1 }, { outcome: "succeeded", result: 1 });
    for (const { id } of [first, ...waiting]) await hub.until(id, "succeeded");
    await eventually(() => redis.zcard(redisKeys.tasksPending), (count) => count === 0);
    const cached = JSON.parse((await eventually(() => redis.get(redisKeys.resultCache(first.id)), (json) => json !== null))!) as Task;
    assert.deepEqual([cached.state, cached.result], ["succeeded", 1]);
    assert.ok((await redis.ttl(redisKeys.resultCache(first.id))) > 86_000);
    assert.equal(await redis.exists(redisKeys.taskActive(first.id)), 0);
    assert.deepEqual(await hub.task(first.id), cached);
  });

  it("answers the same task to the same caller's key, and another to another's", async () => {
    await rig.agent({ type: AGENT_TYPE });
    const body = { ...echo, idempotencyKey: "monday" };
    const answers = await Promise.all([1, 2, 3].map(() => hub.call("POST", "/api/v1/tasks", body)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 202]);
    assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
    await hub.until(answers[0]!.body.id, "succeeded");
    const again = await hub.call("POST", "/api/v1/tasks", body);
    assert.deepEqual([again.status, again.body], [200, { id: answers[0]!.body.id, state: "succeeded" }]);
    const other = await hub.call("POST", "/api/v1/tasks", body, hub.token("user:other", "admin"));
    assert.equal(other.status, 202);
    assert.notEqual(other.body.id, answers[0]!.body.id);
  });

  it("refuses what it cannot run by a problem document that names the place and what is allowed", async () => {
    await rig.agent({ type: AGENT_TYPE });
    const cases: [unknown, string, RegExp][] = [
      [{ ...echo, input: { sleepMs: -1 } }, "/input/sleepMs", />= 0/],
      [{ ...echo, input: { speed: 1 } }, "/input/speed", /there are payload, sleepMs/],
      [{ ...echo, action: "compile" }, "/action", /must be one of echo/],
      [{ ...echo, type: "baker" }, "/type", /one of builder/],
      [{ ...echo, priority: "urgent" }, "/priority", /low.*normal.*high/],
      [{ ...echo, idempotencyKey: "" }, "/idempotencyKey", /1 character/],
      [[], "", /object/],
    ];
    for (const [body, path, message] of cases) {
      const { status, body: problem, headers } = await hub.call("POST", "/api/v1/tasks", body);
      assert.equal(status, 422, JSON.stringify(problem));
      assert.match(headers.get("content-type")!, /^application\/problem\+json/);
      assert.equal(problem.errors[0].path, path);
      assert.match(problem.errors[0].message, message);
    }
    const nul = await hub.call("POST", "/api/v1/tasks", { ...echo, idempotencyKey: "a\u0000b" });
    assert.equal(nul.status, 422);
    const deep = `{"type":"${AGENT_TYPE}","action":"echo","input":{"payload":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
    assert.equal((await hub.call("POST", "/api/v1/tasks", deep)).status, 422);
  });

  it("tells a type that left from one that never was", async () => {
    await rig.agent({ type: OTHER_TYPE });
    await rig.dismiss();
    const task = { type: OTHER_TYPE, action: "echo" };
    assert.equal((await hub.call("POST", "/api/v1/tasks", task)).status, 202, "a restarting agent's tasks are taken");
    const postgres = await clients.postgres("hub");
    await postgres.query("update fabric.action_catalogs set last_seen_at = now() - interval '6 minutes' where type = $1", [OTHER_TYPE]);
    await hub.stop();
    await hub.start();
    const { status, body } = await hub.call("POST", "/api/v1/tasks", task);
    assert.deepEqual([status, body.detail], [422, `Agent type ${OTHER_TYPE} is not deployed.`]);
    await postgres.query("update fabric.tasks set deadline = now(), expires_at = now() where state = 'pending'");
  });

  it("refuses malformed JSON, a large body, another media type, an unknown task and path", async () => {
    assert.equal((await hub.call("POST", "/api/v1/tasks", "{")).status, 400);
    assert.equal((await hub.call("POST", "/api/v1/tasks", JSON.stringify({ pad: "x".repeat(1024 * 1024) }))).status, 413);
    assert.equal((await hub.call("POST", "/api/v1/tasks", "type=builder", undefined, { "content-type": "application/x-www-form-urlencoded" })).status, 415);
    for (const id of ["0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11", "1", "..%2f..%2fetc"]) assert.equal((await hub.call("GET", `/api/v1/tasks/${id}`)).status, 404);
    const { status, body } = await hub.call("GET", "/api/v1/nothing");
    assert.deepEqual([status, body.status], [404, 404]);
  });

  it("asks for a token, and looks at its role and audience", async () => {
    await rig.agent({ type: AGENT_TYPE });
    const post = (token: string | null, body: unknown = echo) => hub.call("POST", "/api/v1/tasks", body, token);
    for (const token of [null, "nonsense", `${hub.token("user:x", "admin").slice(0, -4)}AAAA`]) {
      const { status, headers } = await post(token);
      assert.equal(status, 401);
      assert.match(headers.get("www-authenticate")!, /^Bearer/);
    }
    assert.equal((await post(hub.token("server:toolbox", "service", ["server:price-oracle"]))).status, 403);
    const reader = hub.token("user:reader", "reader");
    assert.match((await post(reader)).body.detail, /user:reader has the role reader/);
    assert.equal((await hub.call("GET", "/api/v1/tasks", undefined, reader)).status, 200);
    assert.equal((await post(hub.token("operator", "operator"))).status, 202, "a probe");
  });

  it("lists newest first, page by page without a gap, and filters", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE });
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.push((await hub.submit({ ...echo, input: { payload: "x".repeat(n === 3 ? 20_000 : 10) } })).id);
    for (const id of ids) await hub.until(id, "succeeded");
    const seen: Task[] = [];
    for (let cursor: string | null = ""; cursor !== null && seen.length < ids.length;) {
      const { body } = await hub.call("GET", `/api/v1/tasks?state=succeeded&type=${AGENT_TYPE}&limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...body.tasks);
      cursor = body.nextCursor;
    }
    assert.deepEqual(seen.slice(0, 7).map(({ id }) => id), ids.toReversed());
    assert.equal(seen[3]!.input, null, "a large input is left out of lists");
    assert.equal(seen[3]!.attempts[0]!.agentId, agent.id);
    for (const query of ["cursor=abc", "state=lost", "limit=0"]) assert.equal((await hub.call("GET", `/api/v1/tasks?${query}`)).status, 422, query);
    assert.deepEqual((await hub.call("GET", "/api/v1/tasks?type=nobody")).body, { tasks: [], nextCursor: null });
  });

  it("shows what happens live, to listeners and in the stream events.system", async () => {
    const events: { type: string; subject: string; data: Record<string, unknown> }[] = [];
    const controller = new AbortController();
    const response = await fetch(`${hub.url}/api/v1/events`, { headers: { authorization: `Bearer ${hub.token("user:r", "reader")}` }, signal: controller.signal });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    void (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        for (const line of chunk.split("\n")) if (line.startsWith("data: ")) events.push(JSON.parse(line.slice(6)));
      }
    })().catch(() => undefined);
    const streamed: string[] = [];
    const channel = await clients.channel("hub");
    await channel.prefetch(100);
    await channel.consume("events.system", (message) => {
      for (const { subject, data } of JSON.parse(message!.content.toString())) streamed.push(`${subject} ${data.state}`);
      channel.ack(message!);
    }, { arguments: { "x-stream-offset": "next" } });
    await rig.agent({ type: AGENT_TYPE });
    const { id } = await hub.submit(echo);
    await hub.until(id, "succeeded");
    const states = () => events.filter(({ subject }) => subject === id).map(({ data }) => data["state"]);
    await eventually(states, (seen) => seen.length === 2);
    assert.deepEqual(states(), ["active", "succeeded"]);
    assert.ok(events.some(({ type, data }) => type === "mcp.service.changed.v1" && data["change"] === "added" && data["type"] === AGENT_TYPE));
    await eventually(() => streamed, (seen) => seen.includes(`${id} succeeded`));
    controller.abort();
  });

  it("shows the registry and the actions of those who are there", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 7 });
    const { body } = await hub.call("GET", "/api/v1/services");
    assert.partialDeepStrictEqual(body.services, [{ kind: "agent", type: AGENT_TYPE, n: 1, status: "idle", capabilities: ["echo"] }]);
    const actions = (await hub.call("GET", "/api/v1/actions")).body.types;
    assert.partialDeepStrictEqual(actions, [{ type: AGENT_TYPE, concurrency: 7, actions: [{ name: "echo" }] }]);
    await agent.unregister();
    await eventually(() => hub.call("GET", "/api/v1/actions"), (answer) => answer.body.types.length === 0, 3_000);
  });

  it("serves the OpenAPI document and figures of what it did", async () => {
    await rig.agent({ type: AGENT_TYPE });
    await hub.until((await hub.submit(echo)).id, "succeeded");
    assert.equal((await hub.call("GET", "/api/v1/openapi.json")).body.openapi, "3.1.0");
    const metrics = (await hub.call("GET", "/metrics", undefined, null)).body as string;
    for (const sample of [/mcp_hub_task_transitions_total\{type="builder",state="succeeded",service="hub"\} \d+/, /mcp_hub_outbox_messages\{service="hub"\} \d+/, /mcp_hub_attempt_seconds_count\{.*type="builder".*\} \d+/, /mcp_hub_registered_services\{kind="agent",service="hub"\} 1/]) {
      assert.match(metrics, sample);
    }
  });

}
