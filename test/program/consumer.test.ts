/** The example that reads a stack's outputs: under mocks, and through the real CLI by StackReference. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { secretOutputs, stackOutputs } from "../../plan/outputs.ts";
import { keyring } from "../../plan/secrets.ts";
import { CATALOG, fixturePlan, stackSettings } from "./fixture.ts";
import { expectFailure, expectSuccess, Workshop } from "../toolchain/harness.ts";
import { promiseOf, ROOT, ROOT_KEY } from "./harness.ts";

type Consumer = { matching: pulumi.Output<string[]>; mcpUrl: pulumi.Output<string>; authorization: pulumi.Output<string> };

const SECRETS = secretOutputs(keyring(ROOT_KEY));
function openOutputs(): Record<string, unknown> {
  const settings = stackSettings("dev");
  return stackOutputs("dev", settings, CATALOG, fixturePlan(settings).services);
}

async function consume(): Promise<Consumer> {
  const outputs = { ...openOutputs(), ...SECRETS };
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      assert.equal(type, "pulumi:pulumi:StackReference");
      return { id: name, state: { ...inputs, outputs, secretOutputNames: ["apiToken", "credentials"] } };
    },
    call: () => ({}),
  }, "mcp-consumer", "dev", false);
  pulumi.runtime.setAllConfig({ "mcp-consumer:capability": "search_code" });
  return import(`${ROOT}/examples/stack-consumer/index.ts`) as Promise<Consumer>;
}

describe("the example that consumes a stack", function () {
  this.timeout(30_000);

  it("finds servers by capability, and the way to them", async () => {
    const { matching, mcpUrl, authorization } = await consume();
    assert.deepEqual(await promiseOf(matching), ["code-search", "code-search"]);
    assert.equal(await promiseOf(mcpUrl), "http://127.0.0.1:80/mcp");
    assert.equal(await promiseOf(authorization), `Bearer ${SECRETS.apiToken}`);
    assert.ok(await (authorization as unknown as { isSecret: Promise<boolean> }).isSecret, "the token stays secret");
  });
});

describe("the example that consumes a stack, by StackReference", function () {
  this.timeout(120_000);
  const example = (file: string): string => readFileSync(`${ROOT}/examples/stack-consumer/${file}`, "utf8");
  let workshop: Workshop;
  before(() => { workshop = new Workshop(); });
  after(() => workshop?.remove());

  /** A stack `organization/mcp/dev` that has outputs and nothing else. */
  async function publish(outputs: Record<string, unknown>): Promise<void> {
    const { schemaVersion, ...rest } = outputs;
    const system = workshop.folder("system", {
      "Pulumi.yaml": "name: mcp\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.ts\n",
      "package.json": JSON.stringify({ name: "mcp", type: "module" }),
      "index.ts": `import * as pulumi from "@pulumi/pulumi";
export const schemaVersion = ${JSON.stringify(schemaVersion)};
export const { servers, endpoints } = ${JSON.stringify(rest)};
export const apiToken = pulumi.secret(${JSON.stringify(SECRETS.apiToken)});\n`,
    });
    await workshop.pulumi(system, ["stack", "select", "--create", "dev"]);
    expectSuccess(await workshop.pulumi(system, ["up", "--yes", "--skip-preview", "--stack", "dev"]));
  }

  it("reads a stack of this project, and refuses one of another schemaVersion", async () => {
    const consumer = workshop.folder("consumer", {
      "Pulumi.yaml": example("Pulumi.yaml"), "package.json": example("package.json"), "index.ts": example("index.ts"),
    });
    expectSuccess(await workshop.pulumi(consumer, ["stack", "init", "dev"]));
    await publish(openOutputs());
    expectSuccess(await workshop.pulumi(consumer, ["up", "--yes", "--skip-preview", "--stack", "dev"]));
    const { stdout } = expectSuccess(await workshop.pulumi(consumer, ["stack", "output", "--json", "--stack", "dev"]));
    assert.deepEqual(JSON.parse(stdout), {
      matching: ["code-search", "code-search", "evm-node"].toSorted(), mcpUrl: "http://127.0.0.1:80/mcp", authorization: "[secret]",
    });

    await publish({ ...openOutputs(), schemaVersion: 2 });
    const { output } = expectFailure(await workshop.pulumi(consumer, ["preview", "--stack", "dev"]));
    assert.match(output, /this program reads outputs of schemaVersion 1, and organization\/mcp\/dev has 2/);
  });
});
