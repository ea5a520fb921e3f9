/** The example that reads a stack's outputs, under mocks. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { secretOutputs, stackOutputs } from "../../plan/outputs.ts";
import { keyring } from "../../plan/secrets.ts";
import { CATALOG, fixturePlan, stackSettings } from "./fixture.ts";
import { promiseOf, ROOT, ROOT_KEY } from "./harness.ts";

type Consumer = { matching: pulumi.Output<string[]>; mcpUrl: pulumi.Output<string>; authorization: pulumi.Output<string> };

async function consume(version: number, run: string): Promise<Consumer> {
  const settings = stackSettings("dev");
  const outputs = { ...stackOutputs("dev", settings, CATALOG, fixturePlan(settings).services), ...secretOutputs(keyring(ROOT_KEY)), schemaVersion: version };
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      assert.equal(type, "pulumi:pulumi:StackReference");
      return { id: name, state: { ...inputs, outputs, secretOutputNames: ["apiToken", "credentials"] } };
    },
    call: () => ({}),
  }, "mcp-consumer", "dev", false);
  pulumi.runtime.setAllConfig({ "mcp-consumer:capability": "search_code" });
  return import(`${ROOT}/examples/stack-consumer/index.ts?${run}`) as Promise<Consumer>;
}

describe("the example that consumes a stack", function () {
  this.timeout(30_000);

  it("finds servers by capability, and the way to them", async () => {
    const { matching, mcpUrl, authorization } = await consume(1, "found");
    assert.deepEqual(await promiseOf(matching), ["code-search", "code-search"]);
    assert.equal(await promiseOf(mcpUrl), "http://127.0.0.1:80/mcp");
    assert.equal(await promiseOf(authorization), `Bearer ${secretOutputs(keyring(ROOT_KEY)).apiToken}`);
    assert.ok(await (authorization as unknown as { isSecret: Promise<boolean> }).isSecret, "the token stays secret");
  });
});
