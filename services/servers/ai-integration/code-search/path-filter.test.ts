import assert from "node:assert/strict";
import { normalizePath, pathExpression } from "./path-filter.ts";

const passes = (filter: string, path: string) => new RegExp(pathExpression(filter)).test(path);

describe("pathExpression", () => {
  const cases: [filter: string, yes: string[], no: string[]][] = [
    ["src/kit", ["src/kit", "src/kit/a.ts", "src/kit/b/c.ts"], ["src/kitchen.ts", "lib/src/kit/a.ts"]],
    ["./src/kit/", ["src/kit/a.ts"], ["src/kit.ts"]],
    ["*.ts", ["a.ts", "src/deep/a.ts"], ["a.tsx", "a.ts/b"]],
    ["src/*.ts", ["src/a.ts"], ["src/deep/a.ts", "src/ats"]],
    ["src/**/*.{ts,sol}", ["src/a.ts", "src/deep/er/a.sol"], ["src/a.js", "lib/src/a.ts"]],
    ["src/**", ["src/a", "src/b/c"], ["source/a"]],
    ["a?.ts", ["ab.ts"], ["a/.ts", "a.ts"]],
    ["a+(b).ts", ["a+(b).ts"], ["aab.ts"]],
    ["{a*,b}/x.ts", ["abc/x.ts", "b/x.ts"], ["ba/x.ts"]],
  ];
  for (const [filter, yes, no] of cases) {
    it(`${filter} lets through what a reader expects`, () => {
      for (const path of yes) assert.ok(passes(filter, path), path);
      for (const path of no) assert.ok(!passes(filter, path), path);
    });
  }
});

describe("normalizePath", () => {
  it("takes off what people put in front", () => {
    assert.deepEqual(["./a/b", "/a/b", ".//a", ".github/x", "../a"].map(normalizePath), ["a/b", "a/b", "a", ".github/x", "../a"]);
  });
});
