/** What examples/python-worker/README.md says, on a deployed stack: a worker of another language joins and replaces nothing. */
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { containers, docker, replaced } from "./support/engine.ts";
import { outputs, STACK, testStack } from "./support/test-stack.ts";

const TYPE = "price-statistics";
const IMAGE = "price-statistics:test";

describe("a worker in Python, deployed", function () {
  this.timeout(600_000);
  let entry = "";
  before(async () => {
    const { checkout } = await testStack();
    entry = join(checkout.folder, `configs/agents/${TYPE}.yaml`);
  });

  /** Runs a line in the shell of `./mcp env`. */
  async function shell(line: string): Promise<void> {
    const { checkout } = await testStack();
    const run = await checkout.run("sh", ["-c", `eval "$(./mcp env --stack ${STACK})" && ${line}`]);
    assert.equal(run.code, 0, run.all.slice(-3000));
  }
  async function up(): Promise<void> {
    const { checkout } = await testStack();
    const run = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(run.code, 0, run.all.slice(-3000));
  }
  after(async () => {
    rmSync(entry, { force: true });
    await shell(`pulumi config rm --stack ${STACK} --path mcp:images.${TYPE}`);
    await up();
    assert.ok(![...containers(STACK).keys()].some((name) => name.includes(TYPE)), "it is gone with its entry");
    docker("rmi", IMAGE);
  });

  it("joins by an entry and an image, does its work, and stands the checks that every agent stands", async () => {
    const { checkout } = await testStack();
    cpSync(join(checkout.folder, `examples/python-worker/${TYPE}.yaml`), entry);
    await shell(`docker build --quiet --tag ${IMAGE} examples/python-worker`);
    await shell(`pulumi config set --stack ${STACK} --path mcp:images.${TYPE} ${IMAGE}`);
    const before = containers(STACK);
    await up();
    const agent = (await outputs()).agents.find((one: { type: string }) => one.type === TYPE);
    assert.deepEqual(replaced(before, containers(STACK)), [agent.container]);

    const submitted = await checkout.mcp(["task", "submit", TYPE, "price_statistics", JSON.stringify({ prices: [100, 110, 99, 121] }), "--wait", "--stack", STACK, "--json"]);
    assert.equal(submitted.code, 0, submitted.all.slice(-3000));
    const { state, result } = JSON.parse(submitted.stdout);
    assert.deepEqual([state, result.mean, result.count], ["succeeded", 107.5, 4]);

    const check = await checkout.mcp(["check", "--stack", STACK]);
    assert.equal(check.code, 0, check.all.slice(-5000));
    assert.match(check.stdout, new RegExp(TYPE));
  });
});
