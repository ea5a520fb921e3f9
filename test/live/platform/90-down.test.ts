import assert from "node:assert/strict";
import { containers, networks, volumes } from "./support/engine.ts";
import { STACK, testStack } from "./support/test-stack.ts";

describe("mcp down", function () {
  this.timeout(300_000);
  before(() => testStack());

  it("leaves no container and no network, and keeps the volumes", async () => {
    const { checkout } = await testStack();
    const kept = volumes(STACK);
    assert.ok(kept.length >= 4, "the stack has its volumes");
    const down = await checkout.mcp(["down", "--stack", STACK, "--yes"]);
    assert.equal(down.code, 0, down.all.slice(-3000));
    assert.deepEqual([...containers(STACK)], []);
    assert.deepEqual(networks(STACK), []);
    assert.deepEqual(volumes(STACK), kept);
    assert.equal(checkout.git("status", "--porcelain"), "");
  });

  it("asks before it removes volumes, and removes them when told", async () => {
    const { checkout } = await testStack();
    const asked = await checkout.mcp(["down", "--volumes", "--stack", STACK]);
    assert.notEqual(asked.code, 0, "without a terminal and without --yes it must refuse");
    assert.ok(volumes(STACK).length > 0);
    const gone = await checkout.mcp(["down", "--volumes", "--yes", "--stack", STACK]);
    assert.equal(gone.code, 0, gone.all.slice(-3000));
    assert.deepEqual(volumes(STACK), []);
  });
});
