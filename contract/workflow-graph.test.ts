import assert from "node:assert/strict";
import fc from "fast-check";
import { ancestorsOf, graphOf, type Graph } from "./workflow-graph.ts";
import { Workflow } from "./workflow.ts";

const step = (id: string, more: object = {}) => ({ id, type: "t", action: "a", ...more });
const graph = (steps: object[], input: object = {}) => graphOf(Workflow.parse({ steps, input }));
const waves = (steps: object[]): string[][] => (graph(steps) as Graph).waves;
const problems = (steps: object[], input: object = {}): string[] => (graph(steps, input) as { problems: string[] }).problems;

describe("graphOf", () => {
  it("orders steps in waves by needs, references and conditions", () => {
    assert.deepEqual(waves([
      step("report", { needs: ["test"] }),
      step("compile"),
      step("test", { input: { deep: [{ hash: { $from: "steps.compile.result.hash" } }] } }),
      step("lint"),
      step("deploy", { when: [{ $from: "steps.test.state", equals: "succeeded" }, { $from: "steps.lint.result.ok" }] }),
    ]), [["compile", "lint"], ["test"], ["report", "deploy"]]);
  });
  it("names the steps of a circle in order", () => {
    assert.deepEqual(problems([step("a", { needs: ["c"] }), step("b", { needs: ["a"] }), step("c", { input: { x: { $from: "steps.b.state" } } }), step("d", { needs: ["a"] })]),
      ["steps need each other in a circle: a → b → c → a"]);
    assert.deepEqual(problems([step("self", { needs: ["self"] })]), ["steps need each other in a circle: self → self"]);
  });
  it("names unknown steps and references, all of them at once", () => {
    assert.deepEqual(problems([step("a", { needs: ["nope"], input: { x: { $from: "steps.gone.result" }, y: { $from: "out.z" }, z: { $from: "input.missing" } } }), step("a")]), [
      'two steps are named "a"',
      'step "a" needs the unknown step "nope"',
      'step "a" refers by "steps.gone.result" to the unknown step "gone"',
      'step "a": reference "out.z" must start with input. or steps.<id>.result',
      'step "a": reference "input.missing" reads "missing", which the workflow\'s input does not have',
    ]);
  });
  it("asks nothing of the input where a use has a default", () => {
    assert.ok("waves" in graph([step("a", { input: { x: { $from: "input.missing", default: 1 } } })]));
    assert.equal(problems([step("a", { input: { x: { $from: "input.missing", default: 1 }, y: { $from: "input.missing" } } })]).length, 1);
    assert.ok("waves" in graph([step("a", { input: { x: { $from: "input.given.deep" } } })], { given: 1 }));
  });
  it("takes the list of a fan-out for a need, and knows item and index only there", () => {
    assert.deepEqual(waves([step("each", { forEach: { $from: "steps.list.result" }, input: { x: { $from: "item.x" }, n: { $from: "index" } } }), step("list")]), [["list"], ["each"]]);
    assert.deepEqual(waves([step("each", { forEach: [1, { $from: "steps.list.result" }] }), step("list")]), [["list"], ["each"]]);
    assert.deepEqual(problems([step("a", { input: { x: { $from: "item.x" } }, parallel: 2 })]), [
      'step "a": reference "item.x" reads "item", which exists only in the input and compensation of a step with forEach',
      'step "a": parallel says how many items run at once, and there is no forEach',
    ]);
    assert.match(problems([step("a", { when: { $from: "result.x" } })])[0]!, /exists only in compensate/);
  });
  it("lets a compensation read what had certainly ended: its own result and what came before", () => {
    const undo = (input: object) => ({ compensate: { type: "t", action: "undo", input } });
    const first = step("first");
    const before = step("before", { needs: ["first"] });
    assert.ok("waves" in graph([first, before, step("a", { needs: ["before"], ...undo({ id: { $from: "result.id" }, x: { $from: "steps.first.result" } }) })]));
    assert.deepEqual(problems([first, step("side"), step("a", { needs: ["first"], ...undo({ x: { $from: "steps.side.result" }, y: { $from: "steps.a.result" }, z: { $from: "steps.gone.result" } }) })]), [
      'compensate of step "a" refers by "steps.side.result" to step "side", which does not come before it',
      'compensate of step "a" refers by "steps.a.result" to the step itself; write "result" for what it answered',
      'compensate of step "a" refers by "steps.gone.result" to the unknown step "gone"',
    ]);
  });
  it("reads the workflow's output against its steps and input", () => {
    const parsed = (output: object) => graphOf(Workflow.parse({ steps: [step("a")], output }));
    assert.ok("waves" in parsed({ x: { $from: "steps.a.result" } }));
    assert.deepEqual((parsed({ x: { $from: "steps.b.result" }, y: { $from: "input.z" } }) as { problems: string[] }).problems, [
      'output refers by "steps.b.result" to the unknown step "b"', 'output: reference "input.z" reads "z", which the workflow\'s input does not have',
    ]);
  });
  it("refuses a workflow inside a workflow, in a compensation as well", () => {
    const run = { type: "coordinator", action: "run_workflow" };
    assert.match(problems([{ id: "n", ...run }])[0]!, /step "n" runs a workflow inside a workflow/);
    assert.match(problems([step("n", { compensate: { ...run, action: "settle_workflow" } })])[0]!, /inside a workflow/);
  });
  it("knows what comes before a step, directly or not", () => {
    const { needs } = graph([step("a"), step("b", { needs: ["a"] }), step("c", { needs: ["b"] }), step("d")]) as Graph;
    assert.deepEqual([...ancestorsOf("c", needs)].sort(), ["a", "b"]);
  });
  it("puts every step of any acyclic graph once, after all that it needs", () => {
    const edges = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 });
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), edges, (count, pairs) => {
      const needs = (n: number): string[] => pairs.filter(([a, b]) => a === n && b < n).map(([, b]) => `s${b}`);
      const order = waves(Array.from({ length: count }, (_, n) => step(`s${n}`, { needs: [...new Set(needs(n))] })).reverse());
      const waveOf = new Map(order.flatMap((ids, wave) => ids.map((id) => [id, wave])));
      assert.equal(waveOf.size, count);
      assert.equal(order.flat().length, count);
      for (let n = 0; n < count; n++) for (const need of needs(n)) assert.ok(waveOf.get(need)! < waveOf.get(`s${n}`)!);
    }));
  });
});
