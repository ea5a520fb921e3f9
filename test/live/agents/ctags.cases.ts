import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, it } from "mocha";
import { Ctags } from "../../../services/agents/code-indexer/extract/ctags.ts";
import { languageOf } from "../../../services/agents/code-indexer/extract/languages.ts";
import { symbolsOf } from "../../../services/agents/code-indexer/extract/symbols.ts";
import { linesOf } from "../../../services/agents/code-indexer/extract/text.ts";
import type { AgentsRig } from "./rig.ts";

export function ctagsCases(rig: AgentsRig): void {
  let ctags: Ctags;
  before(async () => { ctags = new Ctags(await rig.ctags(), 20_000); });
  after(() => ctags.close());

  async function symbols(path: string, text: string): Promise<string[]> {
    const { name, ctagsFile } = languageOf(path);
    const found = symbolsOf((await ctags.tags(ctagsFile!, text))!, linesOf(text), name);
    return found.map(({ kind, name: symbol, line, endLine, scope }) => `${kind} ${scope === null ? "" : `${scope}.`}${symbol} ${line}-${endLine}`);
  }

  it("finds what TypeScript defines, and not what it imports or keeps to itself", async () => {
    assert.deepEqual(await symbols("pool.ts", [
      'import { type Logger } from "./log.ts";',
      "export interface Pool {",
      "  address: string;",
      "}",
      "export const feeOf = (bps: number): bigint => {",
      "  const local = 1n;",
      "  return local;",
      "};",
      "export const LIMITS = {",
      "  max: 3,",
      "} as const satisfies Record<string, number>;",
      "export class Router {",
      "  async route(pool: Pool): Promise<void> {",
      "    await pool;",
      "  }",
      "}",
      "export type Route = Pool[];",
    ].join("\n")), [
      "interface Pool 2-4", "property Pool.address 3-3", "function feeOf 5-8", "constant LIMITS 9-11", "class Router 12-16", "method Router.route 13-15", "alias Route 17-17",
    ]);
  });

  it("finds what Solidity defines", async () => {
    assert.deepEqual(await symbols("Vault.sol", [
      "interface IPool { function flash(uint256 amount) external; }",
      "abstract contract Base {",
      "    event Paid(address indexed to);",
      "    error TooLittle(uint256 missing);",
      "    enum State { Idle, Busy }",
      "    struct Loan { uint256 amount; }",
      "    modifier onlyOwner() { _; }",
      "    constructor() {}",
      "    function pay(",
      "        address to",
      "    ) external onlyOwner {",
      "        emit Paid(to);",
      "    }",
      "    receive() external payable {}",
      "}",
      "library Fees {",
      "    // function commented() is none",
      "    function of_(uint256 a) internal pure returns (uint256) { return a; }",
      "}",
    ].join("\n")), [
      "interface IPool 1-1", "contract Base 2-15", "event Base.Paid 3-3", "error Base.TooLittle 4-4", "enum Base.State 5-5", "struct Base.Loan 6-6", "modifier Base.onlyOwner 7-7",
      "function Base.constructor 8-8", "function Base.pay 9-13", "function Base.receive 14-14", "library Fees 16-19", "function Fees.of_ 18-18",
    ]);
  });

  it("finds what Go, Python, shell and SQL define", async () => {
    assert.deepEqual(await symbols("a.go", 'package main\n\nimport x "y"\n\nfunc Run() {\n}\n'), ["package main 1-1", "func main.Run 5-6"]);
    assert.deepEqual(await symbols("a.py", "class A:\n    def f(self):\n        return 1\n\nX = 2\n"), ["class A 1-3", "member A.f 2-3", "variable X 5-5"]);
    assert.deepEqual(await symbols("a.sh", "#!/bin/sh\nbuild() {\n  true\n}\n"), ["function build 2-4"]);
    assert.deepEqual(await symbols("a.sql", "CREATE TABLE tasks (\n  id uuid\n);\n"), ["table tasks 1-3", "field tasks.id 2-2"]);
  });

  it("reads a file of ours as its author would list it", async () => {
    const text = readFileSync(new URL("../../../services/agents/code-indexer/extract/chunks.ts", import.meta.url), "utf8");
    const found = await symbols("chunks.ts", text);
    for (const name of ["interface Chunk ", "constant CHUNK_SIZES ", "function chunkLines ", "function bestCut "]) assert.ok(found.some((symbol) => symbol.startsWith(name)), name);
  });
}
