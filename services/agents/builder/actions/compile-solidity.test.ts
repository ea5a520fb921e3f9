import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { contentHash } from "../artifacts/canonical-json.ts";
import { makeBuilder } from "../testing/builder.ts";
import { compileSolidity } from "./compile-solidity.ts";

const VAULT = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
import "./lib/Fee.sol";
contract Vault {
    uint256 public total;
    function deposit(uint256 amount) external { total += Fee.charge(amount); }
}`;
const FEE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
library Fee { function charge(uint256 amount) internal pure returns (uint256) { return amount * 9 / 10_000; } }
interface IFee { function charge(uint256) external; }`;
const sources = { "Vault.sol": VAULT, "lib/Fee.sol": FEE };

describe("compile_solidity", function () {
  this.timeout(60_000);
  const deps = makeBuilder();
  const compile = (input: object, options = {}) => callAction(compileSolidity, deps, input, options);

  it("compiles sources that import each other to ABI, bytecode and gas estimates, and stores them by content", async () => {
    const answer = await compile({ sources, settings: { optimizer: { enabled: true } } });
    assert.deepEqual([answer.ok, answer.diagnostics, answer.stored], [true, [], true]);
    assert.deepEqual(answer.contracts.map(({ name }) => name).sort(), ["Fee", "IFee", "Vault"]);
    const vault = answer.contracts.find(({ name }) => name === "Vault")!;
    assert.deepEqual(vault.abi.map(({ name }) => name), ["deposit", "total"]);
    assert.match(vault.bytecode, /^0x60[0-9a-f]{100,}$/);
    assert.ok(vault.deployedBytes > 50 && vault.deployedBytes * 2 + 2 === vault.deployedBytecode.length);
    assert.ok(Object.hasOwn((vault.gasEstimates as { external: object }).external, "deposit(uint256)"));
    assert.match(answer.compiler, /^solc 0\.8\.\d+\+commit/);
    const stored = deps.artifacts.stored.get(answer.hash!)!;
    assert.equal(contentHash(stored.content), answer.hash);
    assert.deepEqual(JSON.parse(stored.content).contracts, answer.contracts);
  });

  it("gives the same input the same hash, whatever the order of its keys, and stores it once", async () => {
    const one = await compile({ sources, contracts: ["Vault"] });
    const stored = deps.artifacts.stored.size;
    const two = await compile({ contracts: ["Vault"], sources: Object.fromEntries(Object.entries(sources).reverse()) });
    assert.deepEqual([two.hash, two.stored, deps.artifacts.stored.size], [one.hash, false, stored]);
    const other = await compile({ sources, contracts: ["Vault"], settings: { optimizer: { enabled: true } } });
    assert.notEqual(other.hash, one.hash);
  });

  it("answers with diagnostics when the source is wrong, and stores nothing", async () => {
    const before = deps.artifacts.stored.size;
    const answer = await compile({ sources: { "A.sol": "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract A { uint x = true; }" } });
    assert.deepEqual([answer.ok, answer.hash, answer.contracts, deps.artifacts.stored.size], [false, null, [], before]);
    const [error] = answer.diagnostics;
    assert.deepEqual([error!.severity, error!.file, error!.line, error!.column], ["error", "A.sol", 3, 23]);
    assert.match(error!.message, /bool is not implicitly convertible/);
  });

  it("fetches nothing: an import that is not given is an error that says so", async () => {
    const answer = await compile({ sources: { "A.sol": 'import "https://example.invalid/x.sol"; contract A {}' } });
    assert.match(answer.diagnostics.find(({ severity }) => severity === "error")!.message, /it is not among the given sources, and nothing is fetched/);
  });

  it("names the contracts there are when one is asked for that is not", async () => {
    await assert.rejects(compile({ sources, contracts: ["Valut"] }), { name: "UserFault", message: /there is no "Valut"\. The sources define Vault, Fee, IFee/ });
    assert.deepEqual((await compile({ sources, contracts: ["lib/Fee.sol:IFee"] })).contracts.map(({ name }) => name), ["IFee"]);
  });

  it("says which compiler it ships when another is asked for", async () => {
    await assert.rejects(compile({ sources, settings: { version: "0.7.6" } }), { name: "UserFault", message: /0\.7\.6 is not here; this builder ships solc 0\.8\./ });
  });

  it("refuses a result that is too large to travel", async () => {
    await assert.rejects(callAction(compileSolidity, { ...deps, maxResultBytes: 500 }, { sources }), { name: "PermanentError", message: /larger than 0 KiB\. Build less at once/ });
  });

  it("stores once for a task that is delivered twice", async () => {
    const claims = new Map<string, object>();
    const fresh = makeBuilder();
    const first = await callAction(compileSolidity, fresh, { sources }, { claims });
    const second = await callAction(compileSolidity, fresh, { sources }, { claims, attempt: 2 });
    assert.deepEqual([first.stored, second.stored, claims.size], [true, true, 1], "the second attempt answers what the first had done");
  });
});
