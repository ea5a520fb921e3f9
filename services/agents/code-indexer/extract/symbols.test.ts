import assert from "node:assert/strict";
import { endByIndent, symbolsOf, type CtagsTag } from "./symbols.ts";

const tag = (part: Partial<CtagsTag> & { name: string; line: number }): CtagsTag => ({ kind: "constant", ...part });
const briefly = (symbols: ReturnType<typeof symbolsOf>) => symbols.map(({ kind, name, line, endLine, scope }) => `${scope ?? ""}/${kind} ${name} ${line}-${endLine}`);

describe("symbolsOf", () => {
  it("tells where a definition ends, which ctags does not for TypeScript", () => {
    const lines = ["export class Pool {", "  quote(", "    amount: bigint,", "  ): bigint {", "    return amount;", "  }", "}", "export const LIMIT = 3;"];
    const tags = [tag({ name: "LIMIT", line: 8 }), tag({ name: "Pool", kind: "class", line: 1 }), tag({ name: "quote", kind: "method", line: 2, scope: "Pool", scopeKind: "class" })];
    assert.deepEqual(briefly(symbolsOf(tags, lines, "TypeScript")), ["/class Pool 1-7", "Pool/method quote 2-6", "/constant LIMIT 8-8"]);
  });
  it("trusts the parser's own end", () => {
    assert.equal(symbolsOf([tag({ name: "Run", kind: "func", line: 1, end: 3 })], ["func Run() {", "x", "}"], "Go")[0]!.endLine, 3);
  });
  it("calls a constant that holds a function a function", () => {
    const lines = [
      "export const taskQueue = (type: string): string => `tasks.${type}`;",
      "const load = async function () {};",
      "const id = <T>(x: T) => x;",
      "const twice = n => n * 2;",
      "const LIMIT = 3;",
      "const names = list.length;",
    ];
    const kinds = symbolsOf(lines.map((_, index) => tag({ name: `n${index}`, line: index + 1 })), lines, "TypeScript").map(({ kind }) => kind);
    assert.deepEqual(kinds, ["function", "function", "function", "function", "constant", "constant"]);
  });
  it("leaves out what is local to a function, what has no name, and what the file only imports", () => {
    const lines = ["function f() {", "  const local = 1;", "}", 'import { type Logger } from "x";', "type Logger = string;"];
    const tags = [
      tag({ name: "f", kind: "function", line: 1 }),
      tag({ name: "local", line: 2, scope: "f", scopeKind: "function" }),
      tag({ name: "__anon123", kind: "function", line: 1 }),
      tag({ name: "Logger", kind: "alias", line: 4 }),
      tag({ name: "Logger", kind: "alias", line: 5 }),
      tag({ name: "ghost", line: 99 }),
    ];
    assert.deepEqual(briefly(symbolsOf(tags, lines, "TypeScript")), ["/function f 1-3", "/alias Logger 5-5"]);
    assert.deepEqual(symbolsOf([tag({ name: "pulumirpc", kind: "packageName", line: 1 })], ["import x"], "Go"), []);
  });
  it("does not take what follows `as const` for a declaration", () => {
    const lines = ["export const PORTS = {", "} as const satisfies Record<string, number>;"];
    const tags = [tag({ name: "PORTS", line: 1 }), tag({ name: "satisfies", line: 2 }), tag({ name: "Record", line: 2 })];
    assert.deepEqual(briefly(symbolsOf(tags, lines, "TypeScript")), ["/constant PORTS 1-2"]);
  });
  it("finds the scope of Solidity's symbols from their lines", () => {
    const lines = ["contract Vault {", "    struct Job { uint a; }", "    function run(", "        Job memory j", "    ) external {", "        j.a = 1;", "    }", "}"];
    const tags = [tag({ name: "Vault", kind: "contract", line: 1 }), tag({ name: "Job", kind: "struct", line: 2 }), tag({ name: "run", kind: "function", line: 3 })];
    assert.deepEqual(briefly(symbolsOf(tags, lines, "Solidity")), ["/contract Vault 1-8", "Vault/struct Job 2-2", "Vault/function run 3-7"]);
  });
  it("keeps the declaring line as signature", () => {
    const signature = symbolsOf([tag({ name: "x", kind: "function", line: 1 })], [`  function x(${"a".repeat(300)})`], "TypeScript")[0]!.signature;
    assert.equal(signature.slice(0, 11), "function x(");
    assert.equal(signature.length, 200);
  });
});

describe("endByIndent", () => {
  it("ends a Python function where the indent ends", () => {
    assert.equal(endByIndent(["def f():", "    a = 1", "", "    return a", "", "x = 2"], 1), 4);
  });
  it("ends at the last line of the file where nothing follows", () => {
    assert.equal(endByIndent(["def f():", "    return 1"], 1), 2);
  });
});
