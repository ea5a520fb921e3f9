import assert from "node:assert/strict";
import { z } from "zod";
import { TaskPolicy } from "./tasks.ts";
import { actionProblems } from "./workflow-actions.ts";
import { Workflow } from "./workflow.ts";

const schema = (shape: z.ZodRawShape) => z.toJSONSchema(z.strictObject(shape), { io: "input" }) as Record<string, unknown>;
const types = [{
  type: "builder", concurrency: 1, policy: TaskPolicy.parse({}),
  actions: [
    { name: "get", description: "", input: schema({ hash: z.string().regex(/^[0-9a-f]{4}$/), deep: z.array(z.strictObject({ n: z.int() })).optional(), pick: z.union([z.string(), z.strictObject({ a: z.int() })]).optional() }) },
    { name: "broken", description: "", input: { type: "nonsense" } },
  ],
}];
const problems = (...steps: object[]) => actionProblems(Workflow.parse({ steps: steps.map((step, n) => ({ id: `s${n}`, type: "builder", action: "get", ...step })) }), types).map(({ kind, message }) => `${kind} ${message}`);

describe("steps against the deployed actions", () => {
  it("names the step, the type or action that there is not, and what there is", () => {
    assert.deepEqual(problems({ type: "pilot" }, { action: "fly" }), [
      'not_deployed step "s0": agent type "pilot" is not deployed; deployed is builder',
      'unknown_action step "s1": builder has no action "fly"; its actions are broken, get',
    ]);
  });
  it("names the field of an input that violates the action's schema", () => {
    assert.deepEqual(problems({ input: { hash: "xyz", extra: 1 } }, { input: {} }, { input: { hash: "0000", deep: [{ n: 1 }, { n: "two" }] } }), [
      'bad_input step "s0": input/extra is an unknown field', 'bad_input step "s0": input/hash must match pattern "^[0-9a-f]{4}$"',
      'bad_input step "s1": input/hash is missing', 'bad_input step "s2": input/deep/1/n must be integer',
    ]);
  });
  it("judges nothing that a reference will read, and everything else", () => {
    const ref = { $from: "input.x", default: 1 };
    assert.deepEqual(problems({ input: { hash: ref, deep: ref } }, { input: { hash: "0000", deep: [ref, { n: ref }] } }, { input: { hash: "0000", pick: { a: ref } } }), []);
    assert.deepEqual(problems({ input: { hash: ref, extra: ref } }, { input: { deep: [{ n: ref, m: 1 }] } }), [
      'bad_input step "s0": input/extra is an unknown field', 'bad_input step "s1": input/hash is missing', 'bad_input step "s1": input/deep/0/m is an unknown field',
    ]);
  });
  it("looks at compensations too", () => {
    assert.deepEqual(problems({ input: { hash: "0000" }, compensate: { type: "builder", action: "unget" } }), ['unknown_action compensate of step "s0": builder has no action "unget"; its actions are broken, get']);
  });
  it("leaves an action alone whose schema nobody can check by", () => assert.deepEqual(problems({ action: "broken", input: { any: 1 } }), []));
});
