import assert from "node:assert/strict";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import { Compiler } from "./compiler.ts";
import { readOutput, standardJson } from "./solidity.ts";
import { PRAGMA } from "./testing.ts";

const input = (source: string) => standardJson({ sources: { "a.sol": PRAGMA + source }, optimizerRuns: 200, viaIR: false, remappings: [], libraries: {} });
const { signal } = new AbortController();
/** Takes solc some seconds: the optimizer unrolls nothing, there is simply a lot of it. */
const HUGE = `contract A { ${Array.from({ length: 6_000 }, (_, i) => `function f${i}(uint256 x) external pure returns (uint256) { return x * ${i} + x / ${i + 1}; }`).join("\n")} }`;

describe("the compiler's thread", function () {
  this.timeout(60_000);
  const compilers: Compiler[] = [];
  const compiler = (options?: ConstructorParameters<typeof Compiler>[0]): Compiler => {
    const made = new Compiler(options);
    compilers.push(made);
    return made;
  };
  afterEach(async () => { for (const made of compilers.splice(0)) await made.close(); });

  it("leaves the event loop free while it compiles", async () => {
    let turns = 0;
    const timer = setInterval(() => { turns++; }, 5);
    const { output, version } = await compiler().compile(input("contract A { function f() external {} }"), signal);
    clearInterval(timer);
    assert.ok(turns > 10, `${turns} turns`);
    assert.match(version, /^0\.8\.\d+\+commit/);
    assert.equal(readOutput(output, {}).contracts[0]!.name, "A");
  });

  it("ends a compilation that takes too long, and compiles the next one", async () => {
    const made = compiler({ timeoutMs: 1_500 });
    // The first job also loads the compiler, which the limit does not count.
    await assert.rejects(made.compile(input(HUGE), signal), (error) => error instanceof UserFault && /longer than 1\.5 s/.test(error.message));
    const { output } = await made.compile(input("contract B {}"), signal);
    assert.equal(readOutput(output, {}).contracts[0]!.name, "B");
  });

  it("stops when the caller goes away", async () => {
    const caller = new AbortController();
    const made = compiler();
    const job = made.compile(input(HUGE), caller.signal);
    setTimeout(() => caller.abort(new Error("gone")), 900);
    await assert.rejects(job, /gone/);
  });

  it("refuses more jobs than may wait, and does the others in order", async () => {
    const made = compiler({ queueLimit: 2 });
    const first = made.compile(input("contract A {}"), signal);
    const second = made.compile(input("contract B {}"), signal);
    await assert.rejects(made.compile(input("contract C {}"), signal), Unavailable);
    const names = (await Promise.all([first, second])).map(({ output }) => readOutput(output, {}).contracts[0]!.name);
    assert.deepEqual(names, ["A", "B"]);
  });

  it("lets go of its thread when idle, and starts it again when asked", async () => {
    const made = compiler({ idleMs: 20 });
    await made.compile(input("contract A {}"), signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { output } = await made.compile(input("contract D {}"), signal);
    assert.equal(readOutput(output, {}).contracts[0]!.name, "D");
  });
});
