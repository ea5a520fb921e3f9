import assert from "node:assert/strict";
import { resolve, type Scope } from "./resolve.ts";

const scope: Scope = {
  input: { url: "https://x", nested: { list: [1, 2] } },
  steps: { compile: { state: "succeeded", result: { hash: "abc", contracts: [{ name: "Vault" }], none: null, zero: 0 } } },
};

describe("resolve", () => {
  it("replaces references anywhere in a value and leaves the rest alone", () => {
    const template = { a: { $from: "steps.compile.result.hash" }, b: [1, { $from: "input.nested.list.1" }], c: { d: { $from: "steps.compile.state" } }, e: "steps.x" };
    assert.deepEqual(resolve(template, scope), { a: "abc", b: [1, 2], c: { d: "succeeded" }, e: "steps.x" });
    assert.equal((template.a as { $from: string }).$from, "steps.compile.result.hash", "the template is not changed");
  });
  it("passes whole results, list items, null and 0 on as they are", () => {
    const at = (path: string): unknown => resolve({ $from: path }, scope);
    assert.deepEqual(at("steps.compile.result.contracts.0"), { name: "Vault" });
    assert.deepEqual([at("steps.compile.result.none"), at("steps.compile.result.zero"), at("input")], [null, 0, scope.input]);
  });
  it("names a reference without a value, and the part that is missing", () => {
    assert.throws(() => resolve({ $from: "steps.compile.result.hsah" }, scope), { name: "PermanentError", message: 'Reference "steps.compile.result.hsah": there is no "hsah". Give it a default, or correct it.' });
    assert.throws(() => resolve({ $from: "steps.other.result.x" }, scope), /there is no "other"/);
    assert.throws(() => resolve({ $from: "steps.compile.result.none.deeper" }, scope), /there is no "deeper"/);
  });
  it("takes the default instead, also a null one, and only then", () => {
    assert.equal(resolve({ $from: "input.missing", default: null }, scope), null);
    assert.equal(resolve({ $from: "input.url", default: "other" }, scope), "https://x");
  });
  it("reads an item, its place, and what is undone, where they are", () => {
    const fan: Scope = { ...scope, item: { name: "A" }, index: 3, result: { hash: "h" } };
    assert.deepEqual(resolve([{ $from: "item.name" }, { $from: "index" }, { $from: "result.hash" }], fan), ["A", 3, "h"]);
    assert.throws(() => resolve({ $from: "item" }, scope), /there is no "item"/);
  });
  it("does not read inherited members", () => {
    for (const path of ["input.constructor", "input.__proto__.polluted", "steps.toString.result"]) assert.throws(() => resolve({ $from: path }, scope), { name: "PermanentError" }, path);
  });
});
