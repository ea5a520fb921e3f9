import assert from "node:assert/strict";
import fc from "fast-check";
import { Workflow } from "./definition.ts";
import { graphOf, type Graph } from "./graph.ts";

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
  it("asks nothing of the input where every use has a default", () => {
    assert.ok("waves" in graph([step("a", { input: { x: { $from: "input.missing", default: 1 } } })]));
    assert.ok("problems" in graph([step("a", { input: { x: { $from: "input.missing", default: 1 }, y: { $from: "input.missing" } } })]));
    assert.ok("waves" in graph([step("a", { input: { x: { $from: "input.given.deep" } } })], { given: 1 }));
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
