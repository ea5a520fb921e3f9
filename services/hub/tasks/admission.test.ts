import assert from "node:assert/strict";
import { z } from "zod";
import { EchoInput, TaskPolicy, TaskRequest } from "../../../contract/tasks.ts";
import { compileInputCheck } from "../actions/check-input.ts";
import type { KnownType } from "../actions/catalogs.ts";
import { HttpProblem } from "../../kit/problem.ts";
import { admit, DEPLOYED_WITHIN_MS } from "./admission.ts";

const NOW = Date.UTC(2026, 5, 1);
const schema = z.toJSONSchema(EchoInput, { io: "input" }) as Record<string, unknown>;
const policy = TaskPolicy.parse({ maxAttempts: 4 });
const builder: KnownType = {
  catalog: { type: "builder", agentId: "builder-1", concurrency: 4, policy, actions: [{ name: "echo", description: "Echo.", input: schema }] },
  checks: new Map([["echo", compileInputCheck(schema)]]),
  lastSeenAt: NOW,
};
const submit = (body: z.input<typeof TaskRequest>, known: KnownType = builder) => admit(TaskRequest.parse(body), {
  caller: "user:ann", traceParent: null, nowMs: NOW, find: (type) => (type === "builder" ? known : null), deployed: () => ["admin", "builder"],
});
const refused = (body: z.input<typeof TaskRequest>, known?: KnownType) => {
  try {
    submit(body, known);
  } catch (error) {
    assert.ok(error instanceof HttpProblem);
    assert.equal(error.status, 422);
    return { detail: error.message, fields: error.fields };
  }
  throw new assert.AssertionError({ message: "was admitted" });
};

describe("admission of a task", () => {
  it("takes the type's policy, and the request's own limit of attempts before it", () => {
    assert.equal(submit({ type: "builder", action: "echo" }).maxAttempts, 4);
    assert.equal(submit({ type: "builder", action: "echo", maxAttempts: 1 }).maxAttempts, 1);
    assert.deepEqual(submit({ type: "builder", action: "echo" }).policy, policy);
  });

  it("orders urgencies by priority", () => {
    assert.deepEqual((["high", "normal", "low"] as const).map((priority) => submit({ type: "builder", action: "echo", priority }).urgency), [0, 1, 2]);
  });

  it("refuses a type that nobody knows, and names those that are deployed", () => {
    assert.deepEqual(refused({ type: "biulder", action: "echo" }), {
      detail: "There is no agent type biulder.",
      fields: [{ path: "/type", message: "unknown; deployed is one of admin, builder" }],
    });
  });

  it("refuses a type whose agents left, but not during a restart", () => {
    submit({ type: "builder", action: "echo" }, { ...builder, lastSeenAt: NOW - DEPLOYED_WITHIN_MS });
    assert.match(refused({ type: "builder", action: "echo" }, { ...builder, lastSeenAt: NOW - DEPLOYED_WITHIN_MS - 1 }).detail, /not deployed/);
  });

  it("refuses an unknown action and names those that there are", () => {
    assert.deepEqual(refused({ type: "builder", action: "compile" }).fields, [{ path: "/action", message: "must be one of echo" }]);
  });

  it("refuses an input that does not fit, by pointer", () => {
    assert.deepEqual(refused({ type: "builder", action: "echo", input: { sleepMs: "long" } }).fields, [{ path: "/input/sleepMs", message: "must be integer" }]);
  });

  it("refuses a deadline in the past", () => {
    assert.deepEqual(refused({ type: "builder", action: "echo", deadline: "2026-05-31T23:59:59Z" }).fields, [{ path: "/deadline", message: "must lie in the future" }]);
  });
});
