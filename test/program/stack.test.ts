/** The three stacks as they are shipped: index.ts itself under mocks, with the real catalogue and staged images. */
import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { Outputs } from "../../contract/outputs.ts";
import { parseCatalog } from "../../plan/catalog.ts";
import { infrastructureSpecs, marketOf } from "../../plan/infrastructure/index.ts";
import { readCatalogFiles, readDockerfiles, readInfrastructureConfigs, resolveWorkspace } from "../../plan/read-sources.ts";
import { planStack } from "../../plan/stack.ts";
import { stackSettings } from "./fixture.ts";
import { assertGraph, ofType } from "./graph.ts";
import { PROD_CONFIG, promiseOf, ROOT, run, stackConfig, type Registered } from "./harness.ts";

type Program = Record<string, unknown> & { apiToken: pulumi.Output<string>; credentials: pulumi.Output<unknown> };

for (const stack of ["dev", "test", "prod"]) {
  describe(`the ${stack} stack`, function () {
    // The first time every service is bundled.
    this.timeout(120_000);
    let resources: Registered[];
    let program: Program;
    before(async () => {
      const config = { ...stackConfig(stack), ...(stack === "prod" && PROD_CONFIG) };
      ({ resources, result: program } = await run(stack, config, () => import(`${ROOT}/index.ts?${stack}`) as Promise<Program>));
    });

    it("registers what the plan says, with every option", () => {
      const settings = stackSettings(stack);
      const configs = readInfrastructureConfigs(ROOT);
      const { services } = planStack({
        settings, catalog: parseCatalog(readCatalogFiles(ROOT)), infrastructure: infrastructureSpecs(settings, configs), market: marketOf(settings, configs),
        dockerfiles: readDockerfiles(ROOT), workspace: resolveWorkspace(ROOT, settings), arch: process.arch,
      });
      assertGraph(stack, ROOT, settings, services, resources);
      assert.equal(ofType(resources, "container").length, services.length);
    });

    it("has the published outputs, the secret ones secret", async () => {
      const { apiToken, credentials, ...open } = program;
      const values = { ...open, apiToken: await promiseOf(apiToken), credentials: await promiseOf(credentials) };
      assert.equal(Outputs.parse(values).stack, stack);
      for (const output of [apiToken, credentials] as unknown as { isSecret: Promise<boolean> }[]) assert.ok(await output.isSecret);
    });
  });
}

describe("a stack with wrong settings", function () {
  this.timeout(30_000);

  const refusal = async (config: Record<string, unknown>): Promise<Error & { __pulumiRunError?: boolean }> => {
    const name = `?wrong${Object.keys(config).join()}`;
    return run("dev", { ...stackConfig("dev"), ...config }, () => import(`${ROOT}/index.ts${name}`)).then(
      () => assert.fail("was accepted"), (error: Error) => error);
  };

  it("is refused before anything is registered, every problem on a line, without a stack trace", async () => {
    const error = await refusal({ "mcp:portOffset": "many", "mcp:netwrok": "{}" });
    assert.deepEqual(error.message.split("\n").map((line) => line.split(":").slice(0, 2).join(":")).toSorted(), ["mcp:netwrok", "mcp:portOffset"]);
    assert.ok(error.__pulumiRunError, "Pulumi shows the message alone");
  });

  it("is refused when its workspace is not there", async () => {
    assert.equal((await refusal({ "mcp:workspace": "../nowhere" })).message, 'mcp:workspace: found "../nowhere", allowed: a folder that exists, relative to Pulumi.yaml');
  });

  it("is refused as a whole", async () => {
    assert.match((await refusal({ "mcp:disabled": ["etcd"] })).message, /^mcp:disabled: "etcd" is off, and "access" needs it/m);
  });
});
