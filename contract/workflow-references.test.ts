import assert from "node:assert/strict";
import { parseReference, templatesIn } from "./workflow-references.ts";

describe("parseReference", () => {
  it("says what is wrong with one that cannot be followed", () => {
    assert.match(parseReference("compile.hash") as string, /must start with input\. or steps/);
    assert.match(parseReference("steps.compile") as string, /must start with/);
    assert.match(parseReference("steps.compile.output.x") as string, /reads "output" of a step; a step has result, state, error/);
    assert.match(parseReference("input..x") as string, /has an empty part/);
  });
  it("tells root, step and path", () => {
    assert.deepEqual(parseReference("steps.a-b.result.0.x"), { text: "steps.a-b.result.0.x", root: "steps", step: "a-b", path: ["result", "0", "x"] });
    assert.deepEqual(parseReference("item.name"), { text: "item.name", root: "item", step: null, path: ["name"] });
  });
});

describe("templatesIn", () => {
  it("finds them at any depth with their places, and none in a default", () => {
    const value = { "a/b": [{ $from: "input.x", default: { $from: "input.y" } }], c: { d: { $from: "steps.s.state" } }, $from: 3 };
    assert.deepEqual(templatesIn(value).map(({ template, pointer }) => [template.$from, pointer]), [["input.x", "/a~1b/0"], ["steps.s.state", "/c/d"]]);
  });
});
