import assert from "node:assert/strict";
import { readWorkflow } from "./read-workflow.ts";

const problems = (given: string | Record<string, unknown>): string[] => (readWorkflow(given) as { problems: string[] }).problems;

describe("reading a workflow", () => {
  it("takes YAML, JSON and objects alike", () => {
    const object = { name: "n", steps: [{ id: "a", type: "t", action: "x" }] };
    for (const given of [object, JSON.stringify(object), "# yaml-language-server: $schema=x\nname: n\nsteps:\n  - { id: a, type: t, action: x }\n"]) {
      const reading = readWorkflow(given);
      assert.ok("workflow" in reading, JSON.stringify(reading));
      assert.deepEqual([reading.workflow.name, reading.workflow.parallel, reading.graph.waves], ["n", 8, [["a"]]]);
    }
  });
  it("says where text is not YAML, and refuses text that expands without end", () => {
    assert.match(problems("steps: [")[0]!, /line 1/);
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]", ..."bcdefg".split("").map((name, n) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[n]}`).join(",")}]`)].join("\n");
    assert.match(problems(bomb)[0]!, /alias/);
  });
  it("names the step and the field of what does not fit", () => {
    assert.deepEqual(problems({ steps: [{ id: "a", type: "t", action: "x", retries: 99 }, { type: "t", action: "x" }, { id: "c", type: "t", action: "x", colour: "red" }], more: 1 }), [
      'step "a": retries: Too big: expected number to be <=19',
      "step 2: id: Invalid input: expected string, received undefined",
      'step "c": Unrecognized key: "colour"',
      'Unrecognized key: "more"',
    ]);
    assert.match(problems("just text")[0]!, /expected object/);
    assert.match(problems({ steps: [] })[0]!, /^steps: /);
  });
  it("puts given input in the place of the workflow's own, by name", () => {
    const given = { input: { a: 1, b: 2 }, steps: [{ id: "a", type: "t", action: "x", input: { c: { $from: "input.c" } } }] };
    assert.match(problems(given)[0]!, /reads "c"/);
    const reading = readWorkflow(given, { b: 3, c: 4 });
    assert.deepEqual("workflow" in reading && reading.workflow.input, { a: 1, b: 3, c: 4 });
  });
});
