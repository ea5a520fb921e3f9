/** Bad input on the command line and in the configuration: one clear line, and nothing changed. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { Checkout, type Run } from "./support/checkout.ts";
import { containers, docker } from "./support/engine.ts";
import { STACK, testStack } from "./support/test-stack.ts";

describe("refusals", function () {
  this.timeout(300_000);
  before(() => testStack());

  /** Runs `up` with settings changed, then puts the settings back; asserts that no container changed. */
  async function refusedWith(settings: [path: string, value: string][]): Promise<Run> {
    const { checkout } = await testStack();
    const before = containers(STACK);
    const config = async (script: string) => {
      const run = await checkout.run("sh", ["-c", `eval "$(./mcp env --stack ${STACK})" && ${script}`]);
      assert.equal(run.code, 0, run.all);
    };
    for (const [path, value] of settings) await config(`pulumi config set --stack ${STACK} --path '${path}' -- '${value}'`);
    try {
      const run = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
      assert.ok(run.code === 2 || run.code === 3, `exit code ${run.code}:\n${run.all.slice(-3000)}`);
      assert.deepEqual([...containers(STACK)], [...before]);
      return run;
    } finally {
      for (const [path] of settings) await config(`pulumi config rm --stack ${STACK} --path '${path}'`);
      await config("true");
      await checkout.run("sh", ["-c", `rm -f .mcp/stacks/Pulumi.${STACK}.yaml.bak`]);
    }
  }

  it("a setting of the wrong type names its key and what is allowed", async () => {
    const run = await refusedWith([["mcp:edge.maxBodyBytes", "lots"]]);
    assert.match(run.stderr, /mcp:edge\.maxBodyBytes/);
    assert.match(run.stderr, /lots|number/);
  });

  it("an unknown setting names its key", async () => {
    const run = await refusedWith([["mcp:edge.colour", "blue"]]);
    assert.match(run.stderr, /colour/);
  });

  it("replicas beyond the range name the key and the range", async () => {
    const run = await refusedWith([["mcp:replicas.builder", "16"]]);
    assert.match(run.stderr, /builder/);
    assert.match(run.stderr, /15/);
  });

  it("a port that another process holds is named before anything changes", async () => {
    const { checkout } = await testStack();
    const server = createServer().listen(23122, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const run = await checkout.mcp(["scale", "builder=2", "--stack", STACK, "--yes"]);
      assert.equal(run.code, 3, run.all);
      assert.match(run.stderr, /23122/);
    } finally {
      server.close();
      await checkout.mcp(["scale", "builder=1", "--stack", STACK, "--yes"]);
    }
  });

  it("a second clone is told where the first one is", async () => {
    const { checkout } = await testStack();
    const second = new Checkout("second");
    try {
      const before = containers(STACK);
      const run = await second.mcp(["up", "--stack", STACK, "--yes"]);
      assert.equal(run.code, 3, run.all.slice(-3000));
      assert.ok(run.stderr.includes(checkout.folder), run.stderr);
      assert.deepEqual([...containers(STACK)], [...before]);
    } finally {
      second.remove();
    }
  });

  it("a subnet that overlaps another network is named", async () => {
    docker("network", "create", "--subnet", "172.26.0.0/24", "mcp-refusal-overlap");
    const other = new Checkout("overlap");
    try {
      const run = await other.run("sh", ["-c", [
        'eval "$(./mcp env --stack prod)"',
        "pulumi config set --stack prod --path mcp:network.subnet 172.26.0.0/16",
        "pulumi config set --stack prod --path mcp:network.name mcpnet-overlap",
        "pulumi config set --stack prod --path mcp:network.bridge mcp_overlap",
        "pulumi config set --stack prod --path mcp:namePrefix overlap-",
        "pulumi config set --stack prod --path mcp:portOffset 30000",
        "pulumi config set --stack prod --path mcp:devnet.enabled true",
        "./mcp up --stack prod --yes",
      ].join(" && ")]);
      assert.ok(run.code === 2 || run.code === 3, `exit code ${run.code}:\n${run.all.slice(-2000)}`);
      assert.match(run.stderr, /172\.26\.0\.0\/16/);
      assert.match(run.stderr, /mcp-refusal-overlap/);
    } finally {
      docker("network", "rm", "mcp-refusal-overlap");
      other.remove();
    }
  });

  it("a lost passphrase file says what can be recovered and what cannot", async () => {
    const { checkout } = await testStack();
    const file = join(checkout.folder, ".mcp/passphrase");
    renameSync(file, `${file}.lost`);
    try {
      const run = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
      assert.ok(run.code === 2 || run.code === 3, `exit code ${run.code}`);
      assert.match(run.stderr, /passphrase/);
    } finally {
      renameSync(`${file}.lost`, file);
    }
  });

  it("an unknown verb, option or stack is wrong usage", async () => {
    const { checkout } = await testStack();
    for (const args of [["fly"], ["up", "--warp"], ["up", "--stack", "moon"], ["scale", "builder=many", "--stack", STACK]]) {
      const run = await checkout.mcp(args);
      assert.equal(run.code, 2, `${args.join(" ")}: ${run.all}`);
      assert.ok(run.stderr.trim().length > 0);
    }
  });
});
