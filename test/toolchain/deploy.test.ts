import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Workshop, expectFailure, expectSuccess } from "./harness.ts";

const network = "toolchain-test-deploy";

const program = (length: number) => `
import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";

const password: random.RandomPassword = new random.RandomPassword("password", { length: ${length} });
const network = new docker.Network("network", {
  name: "${network}",
  labels: [{ label: "purpose", value: "toolchain-test" }],
  ipamConfigs: [{ subnet: "172.29.41.0/24", gateway: "172.29.41.1" }],
  options: { "com.docker.network.bridge.enable_icc": "false" },
});
export const secret = password.result;
export const id = network.id;
`;

function inspectNetwork(): Record<string, any> | undefined {
  try {
    return JSON.parse(execFileSync("docker", ["network", "inspect", network], { encoding: "utf8", stdio: "pipe" }))[0];
  } catch {
    return undefined;
  }
}

describe("toolchain: a deployment", function () {
  this.timeout(120_000);
  let workshop: Workshop;
  let project: string;

  before(async () => {
    workshop = new Workshop();
    await workshop.installPlugins();
    project = await workshop.project("deploy", program(17));
  });

  after(async () => {
    if (project && inspectNetwork()) await workshop.pulumi(project, ["destroy", "--yes", "--skip-preview"]);
    workshop?.remove();
  });

  it("creates what the program says", async () => {
    expectSuccess(await workshop.pulumi(project, ["up", "--yes", "--skip-preview"]));

    const created = inspectNetwork();
    assert.equal(created?.IPAM.Config[0].Subnet, "172.29.41.0/24");
    assert.equal(created?.IPAM.Config[0].Gateway, "172.29.41.1");
    assert.deepEqual(created?.Labels, { purpose: "toolchain-test" });
    assert.equal(created?.Options["com.docker.network.bridge.enable_icc"], "false");

    const outputs = await workshop.pulumi(project, ["stack", "output", "--json", "--show-secrets"]);
    const { secret, id } = JSON.parse(expectSuccess(outputs).stdout);
    assert.equal(secret.length, 17);
    assert.equal(id, created?.Id);
  });

  it("keeps the password a secret", async () => {
    const outputs = expectSuccess(await workshop.pulumi(project, ["stack", "output", "--json"]));
    assert.equal(JSON.parse(outputs.stdout).secret, "[secret]");
  });

  it("finds nothing to change afterwards, also after a refresh", async () => {
    expectSuccess(await workshop.pulumi(project, ["preview", "--expect-no-changes"]));
    expectSuccess(await workshop.pulumi(project, ["preview", "--refresh", "--expect-no-changes"]));
  });

  it("does not stall where SIGINT is ignored, as in a background job", async () => {
    const normal = expectSuccess(await workshop.pulumi(project, ["preview"]));
    const ignoring = workshop.start(project, ["preview"], {}, ["sh", "-c", `trap "" INT; exec "$0" "$@"`]);
    const took = expectSuccess(await ignoring.result).milliseconds;
    // The engine waits five seconds for every plugin that does not end on its SIGINT.
    assert.ok(took < normal.milliseconds + 4_000, `${took} ms instead of ${normal.milliseconds} ms`);
  });

  it("finds a change in the program", async () => {
    writeFileSync(join(project, "index.ts"), program(18));
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--expect-no-changes"]));
    assert.match(result.output, /RandomPassword.*replace/);
    writeFileSync(join(project, "index.ts"), program(17));
  });

  it("destroys what it created", async () => {
    expectSuccess(await workshop.pulumi(project, ["destroy", "--yes", "--skip-preview"]));
    assert.equal(inspectNetwork(), undefined);
  });
});
