import assert from "node:assert/strict";
import { containers, docker, replaced } from "./support/engine.ts";
import { STACK, outputs, testStack } from "./support/test-stack.ts";

const container = (name: string) => `test-${name}`;

describe("a deployed stack", function () {
  this.timeout(600_000);
  before(() => testStack());

  it("leaves the checkout as git knows it", async () => {
    const { checkout } = await testStack();
    assert.equal(checkout.git("status", "--porcelain"), "");
  });

  it("changes nothing when brought up again", async () => {
    const { checkout } = await testStack();
    const before = containers(STACK);
    const again = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(again.code, 0, again.all);
    assert.deepEqual(replaced(before, containers(STACK)), []);
  });

  it("previews without a change, also by plain pulumi inside `mcp env`", async () => {
    const { checkout } = await testStack();
    const plain = await checkout.run("sh", ["-c", `eval "$(./mcp env --stack ${STACK})" && pulumi preview --stack ${STACK} --expect-no-changes --non-interactive`]);
    assert.equal(plain.code, 0, plain.all.slice(-3000));
  });

  for (const victim of ["mcp-utils-1", "redis"]) {
    it(`gets exactly ${victim} back after it was removed by hand`, async () => {
      const { checkout } = await testStack();
      const before = containers(STACK);
      docker("rm", "-f", container(victim));
      const repaired = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
      assert.equal(repaired.code, 0, repaired.all.slice(-3000));
      assert.deepEqual(replaced(before, containers(STACK)), [container(victim)]);
    });
  }

  it("replaces exactly the edge when a setting of nginx changes", async () => {
    const { checkout } = await testStack();
    const before = containers(STACK);
    const set = await checkout.run("sh", ["-c", `eval "$(./mcp env --stack ${STACK})" && pulumi config set --stack ${STACK} --path mcp:edge.connectTimeoutSeconds 3`]);
    assert.equal(set.code, 0, set.all);
    const up = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(up.code, 0, up.all.slice(-3000));
    assert.deepEqual(replaced(before, containers(STACK)), [container("nginx")]);
  });

  it("scales an agent type up and down without touching the others", async () => {
    const { checkout } = await testStack();
    const before = containers(STACK);
    const more = await checkout.mcp(["scale", "builder=2", "--stack", STACK, "--yes"]);
    assert.equal(more.code, 0, more.all.slice(-3000));
    assert.deepEqual(replaced(before, containers(STACK)), [container("mcp-builder-2")]);
    assert.equal((await outputs()).agents.filter((a: { type: string }) => a.type === "builder").length, 2);
    const fewer = await checkout.mcp(["scale", "builder=1", "--stack", STACK, "--yes"]);
    assert.equal(fewer.code, 0, fewer.all.slice(-3000));
    assert.deepEqual([...containers(STACK)], [...before]);
    assert.equal(checkout.git("status", "--porcelain"), "");
  });

  it("is read by another program through a StackReference", async () => {
    const { checkout } = await testStack();
    const consumer = await checkout.run("sh", ["-c", [
      `eval "$(./mcp env --stack ${STACK})"`,
      "cd examples/stack-consumer",
      "export PULUMI_BACKEND_URL",
      "pulumi stack init --non-interactive reader",
      `pulumi config set --stack reader system organization/mcp/${STACK}`,
      "pulumi up --stack reader --yes --skip-preview --non-interactive",
      "pulumi stack output --stack reader --json",
    ].join(" && ")]);
    assert.equal(consumer.code, 0, consumer.all.slice(-3000));
    assert.match(consumer.stdout, /127\.0\.0\.1:20080/);
    checkout.git("checkout", "-q", "--", "examples");
    await checkout.run("git", ["clean", "-qfd", "examples"]);
  });
});
