import assert from "node:assert/strict";
import { MAX_SOURCE_CHARS, Sources } from "./sources.ts";

describe("Sources", () => {
  for (const path of ["Vault.sol", "@openzeppelin/contracts/token/ERC20.sol", "src/a-b_c.d+e.ts", "..hidden/x"]) {
    it(`takes ${path}`, () => assert.ok(Sources.safeParse({ [path]: "" }).success));
  }
  for (const path of ["/etc/passwd", "../x", "a/../b", "a/..", "./a", "a//b", "", "a\nb", "https://x/y.sol"]) {
    it(`refuses ${JSON.stringify(path)}`, () => assert.ok(!Sources.safeParse({ [path]: "" }).success));
  }
  it("refuses nothing at all, too many files, and too much text", () => {
    assert.match(Sources.safeParse({}).error!.message, /at least one file/);
    assert.match(Sources.safeParse(Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`f${n}`, ""]))).error!.message, /at most 500 files/);
    assert.match(Sources.safeParse({ a: "x".repeat(MAX_SOURCE_CHARS), b: "x" }).error!.message, /all files together/);
  });
});
