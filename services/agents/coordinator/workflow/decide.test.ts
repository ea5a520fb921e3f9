import assert from "node:assert/strict";
import type { Graph } from "../../../../contract/workflow-graph.ts";
import { graphOf } from "../../../../contract/workflow-graph.ts";
import { Workflow, type StepState } from "../../../../contract/workflow.ts";
import { decide } from "./decide.ts";
import { nameOf, newProgress, newUnit, type Progress } from "./progress.ts";

const step = (id: string, more: object = {}) => ({ id, type: "t", action: "a", ...more });
type States = Record<string, StepState | StepState[]>;

/** A list of states stands for a step that runs with these items. */
function decision(workflow: object, states: States, results: Record<string, unknown> = {}) {
  const parsed = Workflow.parse(workflow);
  const progress: Progress = newProgress(parsed);
  for (const [id, state] of Object.entries(states)) {
    if (Array.isArray(state)) Object.assign(progress[id]!, { state: "running", items: state.map((of) => ({ ...newUnit(), state: of })) });
    else Object.assign(progress[id]!, { state, result: results[id] });
  }
  const { start, fanOut, skip, fail, end } = decide(parsed, graphOf(parsed) as Graph, progress);
  return { start: start.map(nameOf), fanOut: fanOut.map(({ id }) => id), skip: skip.map(({ id, reason }) => `${id}: ${reason}`), fail: fail.map(({ id, message }) => `${id}: ${message}`), end };
}
const nothing = { start: [], fanOut: [], skip: [], fail: [], end: null };
const chain = { steps: [step("a"), step("b", { needs: ["a"] }), step("c", { needs: ["b"] }), step("side")] };

describe("decide", () => {
  it("starts what needs nothing, then what has what it needs", () => {
    assert.deepEqual(decision(chain, {}), { ...nothing, start: ["a", "side"] });
    assert.deepEqual(decision(chain, { a: "running", side: "running" }), nothing);
    assert.deepEqual(decision(chain, { a: "succeeded", side: "running" }), { ...nothing, start: ["b"] });
  });
  it("has succeeded when everything has ended well", () => {
    assert.deepEqual(decision(chain, { a: "succeeded", b: "succeeded", c: "succeeded", side: "succeeded" }), { ...nothing, end: "succeeded" });
  });
  it("ends at a failure, whatever still runs, and skips the rest", () => {
    assert.deepEqual(decision(chain, { a: "failed", side: "running" }), { ...nothing, skip: ["b: the workflow has failed", "c: the workflow has failed"], end: "failed" });
  });
  it("lets finish what does not need the failed step, when told to, and has failed all the same", () => {
    const patient = { ...chain, onFailure: "finish" };
    assert.deepEqual(decision(patient, { a: "failed" }), { ...nothing, start: ["side"], skip: ['b: "a" is failed'] });
    assert.deepEqual(decision(patient, { a: "failed", b: "skipped", c: "skipped", side: "succeeded" }), { ...nothing, end: "failed" });
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
  it("fails a step whose condition reads what is not there", () => {
    const reading = { steps: [step("a"), step("b", { when: { $from: "steps.a.result.ok" } })] };
    assert.deepEqual(decision(reading, { a: "succeeded" }, { a: {} }).fail, ['b: Reference "steps.a.result.ok": there is no "ok". Give it a default, or correct it.']);
  });

  describe("of a step with forEach", () => {
    const fan = { parallel: 3, steps: [step("list"), step("each", { forEach: { $from: "steps.list.result" }, parallel: 2 }), step("after", { needs: ["each"] })] };
    it("reads the list when the step is ready, and starts the step after when all items have ended", () => {
      assert.deepEqual(decision(fan, { list: "running" }), nothing);
      assert.deepEqual(decision(fan, { list: "succeeded" }), { ...nothing, fanOut: ["each"] });
      assert.deepEqual(decision(fan, { list: "succeeded", each: ["succeeded", "running"] }), nothing);
      assert.deepEqual(decision(fan, { list: "succeeded", each: "succeeded" }), { ...nothing, start: ["after"] });
    });
    it("starts items in order, no more than the step and the workflow allow", () => {
      assert.deepEqual(decision(fan, { list: "succeeded", each: ["waiting", "waiting", "waiting", "waiting"] }).start, ["each[0]", "each[1]"]);
      assert.deepEqual(decision(fan, { list: "succeeded", each: ["succeeded", "running", "waiting", "waiting"] }).start, ["each[2]"]);
      const wide = { parallel: 3, steps: [step("each", { forEach: [1, 2, 3, 4, 5] }), step("side")] };
      assert.deepEqual(decision(wide, { each: ["running", "waiting", "waiting", "waiting", "waiting"], side: "running" }).start, ["each[1]"]);
    });
    it("stops at the first item that fails, unless the workflow or the step goes on", () => {
      const states: States = { list: "succeeded", each: ["failed", "running", "waiting"] };
      assert.equal(decision(fan, states).end, "failed");
      assert.deepEqual(decision({ ...fan, onFailure: "finish" }, states).start, ["each[2]"]);
      const allowed = { ...fan, steps: fan.steps.map((one) => (one.id === "each" ? { ...one, allowFailure: true } : one)) };
      assert.deepEqual(decision(allowed, states), { ...nothing, start: ["each[2]"] });
    });
  });
});
