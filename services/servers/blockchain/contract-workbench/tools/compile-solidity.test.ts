import assert from "node:assert/strict";
import { keccak256, stringToHex } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { compiler, PRAGMA } from "../testing.ts";
import { compileSolidity } from "./compile-solidity.ts";

describe("compile_solidity", function () {
  this.timeout(30_000);
  const deps = { compiler };
  const compile = (input: Record<string, unknown>) => callTool(compileSolidity, deps, input);

  it("gives ABI, selectors and code of every contract", async () => {
    for (const name of ["alpha", "beta"]) {
      const answer = await compile({ sources: { "A.sol": `${PRAGMA}contract A { function ${name}(uint256 x) external pure returns (uint256) { return x; } }` } });
      assert.deepEqual([answer.ok, answer.diagnostics, answer.contracts.length], [true, [], 1]);
      const [contract] = answer.contracts;
      const selector = keccak256(stringToHex(`${name}(uint256)`)).slice(0, 10);
      assert.deepEqual(contract!.methods, { [`${name}(uint256)`]: selector });
      assert.equal(contract!.abi![0]!["name"], name);
      assert.ok(contract!.bytecode!.includes(selector.slice(2)), "the code dispatches on the selector");
      assert.equal(contract!.runtimeBytecode, null);
    }
  });

  it("resolves imports among the sources and nowhere else", async () => {
    const main = `${PRAGMA}import "./lib/B.sol"; contract A is B {}`;
    const whole = await compile({ sources: { "A.sol": main, "lib/B.sol": `${PRAGMA}contract B {}` } });
    assert.deepEqual(whole.contracts.map(({ path, name }) => `${path}:${name}`).sort(), ["A.sol:A", "lib/B.sol:B"]);
    const missing = await compile({ sources: { "A.sol": main } });
    assert.equal(missing.ok, false);
    assert.match(missing.diagnostics[0]!.message, /Source "lib\/B\.sol" not found/);
    const file = await compile({ sources: { "A.sol": `${PRAGMA}import "/etc/passwd"; contract A {}` } });
    assert.match(file.diagnostics[0]!.message, /not found/);
  });

  it("points at the line and column of an error, after text that is not ASCII", async () => {
    const answer = await compile({ sources: { "E.sol": `${PRAGMA}// zażółć €\ncontract E {\n  /* ü */ uint x = "no";\n}` } });
    assert.equal(answer.ok, false);
    const [error] = answer.diagnostics;
    assert.deepEqual([error!.severity, error!.path, error!.line, error!.column], ["error", "E.sol", 5, 20]);
    assert.deepEqual(answer.contracts, []);
  });

  it("obeys optimizer, target and selection", async () => {
    const sources = { "L.sol": `${PRAGMA}contract L { uint256[] xs; function sum() external view returns (uint256 s) { for (uint256 i; i < xs.length; i++) s += xs[i] * 3 * 5; } } contract M {}` };
    const [plain, optimized, old] = await Promise.all([
      compile({ sources, contract: "L", optimizerRuns: 0, include: ["runtimeBytecode"] }),
      compile({ sources, contract: "L.sol:L", optimizerRuns: 1, include: ["storageLayout"] }),
      compile({ sources, contract: "L", evmVersion: "paris", include: ["runtimeBytecode"] }),
    ]);
    assert.ok(optimized.contracts[0]!.runtimeBytes < plain.contracts[0]!.runtimeBytes);
    assert.deepEqual([plain.contracts.length, plain.contracts[0]!.abi], [1, null]);
    assert.equal((optimized.contracts[0]!.storageLayout as { storage: { label: string }[] }).storage[0]!.label, "xs");
    // PUSH0 came with Shanghai: Paris writes PUSH1 0 in its place.
    assert.match(old.contracts[0]!.runtimeBytecode!, /6000/);
  });

  it("names libraries to link, and puts their addresses in", async () => {
    const sources = { "U.sol": `${PRAGMA}library Lib { function f(uint256 x) external pure returns (uint256) { return x + 1; } } contract U { function g() external pure returns (uint256) { return Lib.f(1); } }` };
    const open = await compile({ sources, contract: "U" });
    assert.deepEqual(open.contracts[0]!.unlinkedLibraries, ["U.sol:Lib"]);
    const linked = await compile({ sources, contract: "U", libraries: { "U.sol:Lib": `0x${"ab".repeat(20)}` } });
    assert.deepEqual(linked.contracts[0]!.unlinkedLibraries, []);
    assert.ok(linked.contracts[0]!.bytecode!.includes("ab".repeat(20)));
    await assert.rejects(compile({ sources, libraries: { Lib: `0x${"ab".repeat(20)}` } }), /name the library as path\.sol:Name/);
  });
});
