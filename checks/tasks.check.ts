import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { AGENTS_PREFIX, Registration, agentKey } from "../contract/registry.ts";
import { AGENT_STATUS_TTL_SECONDS, RESULT_CACHE_TTL_SECONDS, redisKeys } from "../contract/redis-keys.ts";
import { EchoOutput, FINAL_STATES, Task } from "../contract/tasks.ts";
import { api, eventually } from "./support/reach.ts";
import { stack } from "./support/stack.ts";
import { etcd, postgres, redis } from "./support/stores.ts";

const types = [...new Set(stack().agents.map((a) => a.type))];

describe("tasks", function () {
  this.timeout(40_000);

  for (const type of types) {
    describe(type, () => {
      const payload = { nonce: randomUUID() };
      let task: Task;

      before(async () => {
        const accepted = await api("/tasks", { json: { type, action: "echo", input: { payload }, idempotencyKey: `check-${payload.nonce}` } });
        assert.equal(accepted.status, 202, `POST /tasks for ${type}: ${accepted.text}`);
        task = await eventually(`task ${accepted.body.id} of ${type} ends`, 30_000, async () => {
          const answer = await api(`/tasks/${accepted.body.id}`);
          const parsed = Task.parse(answer.body);
          return FINAL_STATES.includes(parsed.state) && parsed;
        });
      });

      it("a task goes in through the edge and its result comes back, once", () => {
        assert.equal(task.state, "succeeded", JSON.stringify(task.error));
        const result = EchoOutput.parse(task.result);
        assert.deepEqual(result.payload, payload);
        assert.equal(result.effects, 1, "the effect must be applied exactly once");
        assert.ok(stack().agents.some((a) => a.id === result.agent), `unknown agent ${result.agent}`);
      });

      it("the same idempotency key is the same task", async () => {
        const again = await api("/tasks", { json: { type, action: "echo", input: { payload }, idempotencyKey: `check-${payload.nonce}` } });
        assert.equal(again.status, 200);
        assert.equal(again.body.id, task.id);
      });

      it("PostgreSQL holds the truth", async () => {
        const pool = await postgres();
        const tasks = await pool.query("select state from fabric.tasks where id = $1", [task.id]);
        assert.deepEqual(tasks.rows, [{ state: "succeeded" }]);
        const effects = await pool.query("select count(*)::int as n from fabric.effects where task_id = $1", [task.id]);
        assert.equal(effects.rows[0].n, 1);
      });

      it("Redis caches the result and the agents' status", async () => {
        const client = await redis();
        const cached = await client.get(redisKeys.resultCache(task.id));
        assert.ok(cached, `${redisKeys.resultCache(task.id)} is missing`);
        assert.deepEqual(JSON.parse(cached), task);
        const ttl = await client.ttl(redisKeys.resultCache(task.id));
        assert.ok(ttl > 0 && ttl <= RESULT_CACHE_TTL_SECONDS, `its time to live is ${ttl} s`);
        for (const agent of stack().agents.filter((a) => a.type === type)) {
          const left = await client.ttl(redisKeys.agentStatus(agent.id));
          assert.ok(left > 0 && left <= AGENT_STATUS_TTL_SECONDS, `${redisKeys.agentStatus(agent.id)}: time to live ${left} s`);
        }
      });

      it("etcd lists every instance", async () => {
        const client = await etcd();
        const values = await client.getAll().prefix(`${AGENTS_PREFIX}${type}/`).strings();
        const expected = stack().agents.filter((a) => a.type === type);
        assert.equal(Object.keys(values).length, expected.length);
        for (const agent of expected) {
          const key = agentKey(type, Number(agent.id.slice(type.length + 1)));
          assert.ok(values[key], `${key} is missing`);
          const entry = Registration.parse(JSON.parse(values[key]));
          assert.deepEqual({ host: entry.host, port: entry.port }, { host: agent.host, port: agent.port });
        }
      });
    });
  }

  it("an unknown type is refused with a problem document", async () => {
    const answer = await api("/tasks", { json: { type: "no-such-type", action: "echo", input: {} } });
    assert.equal(answer.status, 422);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.match(answer.text, /no-such-type/);
  });
});
