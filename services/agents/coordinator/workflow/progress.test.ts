import assert from "node:assert/strict";
import { Workflow } from "./definition.ts";
import { graphOf, type Graph } from "./graph.ts";
import { decide, type StepState } from "./progress.ts";

const step = (id: string, more: object = {}) => ({ id, type: "t", action: "a", ...more });

function decision(workflow: object, states: Record<string, StepState>, results: Record<string, unknown> = {}) {
  const parsed = Workflow.parse(workflow);
  const statuses = Object.fromEntries(parsed.steps.map(({ id }) => [id, { state: states[id] ?? "waiting", result: results[id] }]));
  const { start, skip, cancel, done } = decide(parsed, graphOf(parsed) as Graph, statuses);
  return { start: start.map(({ id }) => id), skip: skip.map(({ id, reason }) => `${id}: ${reason}`), cancel, done };
}
const nothing = { start: [], skip: [], cancel: [], done: false };
const chain = { steps: [step("a"), step("b", { needs: ["a"] }), step("c", { needs: ["b"] }), step("side")] };

describe("decide", () => {
  it("starts what needs nothing, then what has what it needs", () => {
    assert.deepEqual(decision(chain, {}), { ...nothing, start: ["a", "side"] });
    assert.deepEqual(decision(chain, { a: "running", side: "running" }), nothing);
    assert.deepEqual(decision(chain, { a: "succeeded", side: "running" }), { ...nothing, start: ["b"] });
  });
  it("is done when everything has ended", () => {
    assert.deepEqual(decision(chain, { a: "succeeded", b: "succeeded", c: "succeeded", side: "succeeded" }), { ...nothing, done: true });
  });
  it("cancels what runs and skips the rest after a failure", () => {
    assert.deepEqual(decision(chain, { a: "failed", side: "running" }), {
      start: [], skip: ["b: the workflow has failed", "c: the workflow has failed"], cancel: ["side"], done: false,
    });
  });
  it("lets finish what does not need the failed step, when told to", () => {
    assert.deepEqual(decision({ ...chain, onFailure: "finish" }, { a: "failed" }), { ...nothing, start: ["side"], skip: ['b: "a" is failed'] });
  });
  it("goes on after a failure that is allowed", () => {
    const allowed = { steps: [step("a", { allowFailure: true }), step("b", { needs: ["a"] })] };
    assert.deepEqual(decision(allowed, { a: "failed" }), { ...nothing, start: ["b"] });
  });
  it("skips a step whose condition does not hold, and then what needs it", () => {
    const conditional = { input: { live: false }, steps: [step("a", { when: { $from: "input.live" } }), step("b", { needs: ["a"] })] };
    assert.deepEqual(decision(conditional, {}), { ...nothing, skip: ["a: its condition does not hold"] });
    assert.deepEqual(decision(conditional, { a: "skipped" }), { ...nothing, skip: ['b: "a" is skipped'] });
    assert.deepEqual(decision({ ...conditional, input: { live: true } }, {}), { ...nothing, start: ["a"] });
  });
  it("wants all conditions of a step, and compares by value", () => {
    const both = { steps: [step("a"), step("b", { when: [{ $from: "steps.a.result.list", equals: [1, { x: 2 }] }, { $from: "steps.a.result.n", differs: 0 }] })] };
    assert.deepEqual(decision(both, { a: "succeeded" }, { a: { list: [1, { x: 2 }], n: 1 } }).start, ["b"]);
    assert.deepEqual(decision(both, { a: "succeeded" }, { a: { list: [1, { x: 2 }], n: 0 } }).start, []);
    assert.deepEqual(decision(both, { a: "succeeded" }, { a: { list: [1], n: 1 } }).start, []);
  });
  it("keeps no more steps under way than allowed", () => {
    const wide = { parallel: 2, steps: ["a", "b", "c"].map((id) => step(id)) };
    assert.deepEqual(decision(wide, {}).start, ["a", "b"]);
    assert.deepEqual(decision(wide, { a: "running" }).start, ["b"]);
  });
});
