/** The three stacks with a small catalogue: every option of every resource, and a snapshot of the whole. */
import assert from "node:assert/strict";
import { assertGraph, containersOf, inputsOf, ofType } from "./graph.ts";
import { deployFixture } from "./fixture.ts";
import { assertSnapshot, portrait } from "./snapshot.ts";

for (const stack of ["dev", "test", "prod"]) {
  describe(`the ${stack} stack, small`, function () {
    this.timeout(30_000);
    let deployed: Awaited<ReturnType<typeof deployFixture>>;
    before(async () => { deployed = await deployFixture(stack); });

    it("registers what the plan says, with every option", () => {
      assertGraph(stack, "/checkout", deployed.settings, deployed.plan.services, deployed.resources);
    });

    it("is the same as ever", () => assertSnapshot(`${stack}.json`, portrait(deployed.resources)));
  });
}

describe("what the stacks differ in", function () {
  this.timeout(30_000);

  it("dev mounts the workspace read-only, prod mounts nothing of the host", async () => {
    const binds = async (stack: string) => {
      const { resources } = await deployFixture(stack);
      return ofType(resources, "container").flatMap((container) => inputsOf(container).volumes ?? []).filter(({ hostPath }) => hostPath);
    };
    assert.deepEqual(await binds("dev"), Array(2).fill({ hostPath: "/checkout", containerPath: "/workspace", readOnly: true }));
    assert.deepEqual(await binds("prod"), []);
  });

  it("prod has no devnet, and its RPC URL is a secret file", async () => {
    const { resources, plan } = await deployFixture("prod");
    const containers = containersOf(resources, plan.services);
    assert.ok(!containers.has("devnet"));
    const evm = inputsOf(containers.get("evm-node")!);
    assert.ok(evm.envs.includes("MCP_SECRETS_FILE=/run/secrets/service.env"));
    assert.ok(!evm.envs.some((env) => env.startsWith("MCP_DEVNET_CHAIN_ID=")), "a foreign chain is never sent to");
    assert.match(evm.uploads.find(({ file }) => file === "/run/secrets/service.env")!.content, /^MCP_RPC_URL=https:\/\/rpc\.example\/v1\/s3cret-key$/m);
  });

  it("a fork's endpoint is in one container's secret file, and the trader on the market is not deployed", async () => {
    const { settings, resources, plan } = await deployFixture("dev", { devnet: { forkUrl: "https://rpc.example/v1/s3cret-key", forkBlock: 5 } });
    assertGraph("dev", "/checkout", settings, plan.services, resources);
    const containers = containersOf(resources, plan.services);
    assert.ok(!containers.has("devnet-trader"));
    const evm = inputsOf(containers.get("evm-node")!);
    assert.ok(evm.envs.includes("MCP_RPC_URL=http://devnet:8545"));
    for (const [name, container] of containers) {
      const { uploads = [], ...open } = inputsOf(container);
      assert.ok(!JSON.stringify(open).includes("s3cret"), name);
      assert.deepEqual(uploads.filter(({ content }) => content.includes("s3cret")).map(({ file }) => file),
        name === "devnet-upstream" ? ["/run/secrets/service.env"] : [], name);
    }
  });

  it("prod publishes the edge's port and no other", async () => {
    const { resources } = await deployFixture("prod");
    assert.deepEqual(ofType(resources, "container").flatMap((container) => inputsOf(container).ports),
      [{ internal: 80, external: 80, ip: "0.0.0.0", protocol: "tcp" }]);
  });
});

describe("a finished image", function () {
  this.timeout(30_000);
  const reference = `registry.example/postgres@sha256:${"0".repeat(64)}`;
  it("replaces a build, and nothing else changes", async () => {
    const built = await deployFixture("dev");
    const pulled = await deployFixture("dev", { images: { postgres: reference } });
    const inputs = (deployed: typeof built) => inputsOf(containersOf(deployed.resources, deployed.plan.services).get("postgres")!);
    const { image, ...rest } = inputs(pulled);
    const { image: before, ...same } = inputs(built);
    assert.notEqual(image, before);
    assert.deepEqual(rest, same);
    const remote = ofType(pulled.resources, "image").find(({ inputs: { name } }) => name === reference)!;
    assert.equal(remote.inputs.build, undefined);
  });
});

describe("a second hub", function () {
  this.timeout(30_000);
  it("is one more container of the same image that answers to the hub's name, and every option holds for it too", async () => {
    const alone = await deployFixture("dev");
    const { settings, plan, resources } = await deployFixture("dev", { replicas: { hub: 2 } });
    assertGraph("dev", "/checkout", settings, plan.services, resources);
    const [first, second] = ["hub", "hub-2"].map((name) => inputsOf(containersOf(resources, plan.services).get(name)!));
    assert.deepEqual([second!.name, second!.image, second!.ports], ["mcp-coordinator-2", first!.image, []]);
    assert.deepEqual(second!.networksAdvanced[0]!.aliases, ["mcp-coordinator-2", "mcp-coordinator"]);
    assert.equal(ofType(resources, "container").length, ofType(alone.resources, "container").length + 1);
    assert.equal(ofType(resources, "image").length, ofType(alone.resources, "image").length);
  });
});
