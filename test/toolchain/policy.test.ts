import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { Workshop, expectFailure, expectSuccess } from "./harness.ts";

const pack = (least: number, level = "mandatory") => `
import { PolicyPack, validateResourceOfType } from "@pulumi/policy";
import * as random from "@pulumi/random";

new PolicyPack("lengths", {
  policies: [{
    name: "password-length",
    description: "Passwords have ${least} characters or more.",
    enforcementLevel: "${level}",
    validateResource: validateResourceOfType(random.RandomPassword, (password, args, report) => {
      if (password.length < ${least}) report("only " + password.length + " characters");
    }),
  }],
});
`;

describe("toolchain: policy packs", function () {
  this.timeout(60_000);
  let workshop: Workshop;
  let project: string;

  before(async () => {
    workshop = new Workshop();
    await workshop.installPlugins();
    project = await workshop.project(
      "governed",
      `import * as random from "@pulumi/random";\nnew random.RandomPassword("password", { length: 16 });\n`,
    );
  });
  after(() => workshop?.remove());

  it("lets a preview pass that keeps a mandatory rule", async () => {
    const path = workshop.policyPack("satisfied", pack(16));
    const result = expectSuccess(await workshop.pulumi(project, ["preview", "--policy-pack", path]));
    assert.match(result.stdout, /lengths@v1\.2\.3 \(local/);
  });

  it("refuses a preview that breaks a mandatory rule", async () => {
    const path = workshop.policyPack("violated", pack(17));
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--policy-pack", path]));
    assert.match(result.stdout, /\[mandatory\]\s+password-length/);
    assert.match(result.stdout, /only 16 characters/);
  });

  it("only warns about an advisory rule", async () => {
    const path = workshop.policyPack("advised", pack(17, "advisory"));
    const result = expectSuccess(await workshop.pulumi(project, ["preview", "--policy-pack", path]));
    assert.match(result.stdout, /\[advisory\]\s+password-length/);
  });

  it("runs a pack in TypeScript, and with the engine's logging flags", async () => {
    const path = workshop.policyPack("typed", pack(17).replace("report) =>", "report): void =>"), "index.ts");
    const result = expectFailure(
      await workshop.pulumi(project, ["preview", "--policy-pack", path, "--logflow", "--logtostderr", "-v=1"]),
    );
    assert.match(result.stdout, /only 16 characters/);
  });

  it("reports a pack that throws", async () => {
    const path = workshop.policyPack("thrown", `throw new Error("no rules today");`);
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--policy-pack", path]));
    assert.match(result.output, /no rules today/);
  });

  it("says so when a pack's dependencies are not installed", async () => {
    const path = workshop.policyPack("bare", pack(16));
    rmSync(`${path}/node_modules`);
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--policy-pack", path]));
    assert.match(result.output, /dependencies are not installed/);
  });
});
