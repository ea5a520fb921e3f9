/** The policy pack through the real CLI: each rule refuses the resource that breaks it, by name, and no other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER_RULES, IMAGE_RULES, VOLUME_RULES } from "../../../policy/rules.ts";
import { expectFailure, expectSuccess, repository, Workshop } from "../../toolchain/harness.ts";

const RULES = [...CONTAINER_RULES, ...IMAGE_RULES, ...VOLUME_RULES].map(({ name }) => name);
const PACK = join(repository, "policy");
const source = (file: string): string => readFileSync(join(import.meta.dirname, "violations", file), "utf8");

describe("the policy pack, in a preview", function () {
  this.timeout(120_000);
  let workshop: Workshop;
  let project: string;
  before(async () => {
    workshop = new Workshop();
    await workshop.installPlugins();
    project = workshop.folder("violations", {
      "Pulumi.yaml": source("Pulumi.yaml"), "index.ts": source("index.ts"), "package.json": JSON.stringify({ name: "violations", type: "module" }),
    });
  });
  after(() => workshop?.remove());

  /** `[mandatory]  rule  (type: resource)` lines as `rule resource`. */
  async function refused(stack: string): Promise<string[]> {
    expectSuccess(await workshop.pulumi(project, ["stack", "init", stack]));
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--stack", stack, "--policy-pack", PACK]));
    return [...result.stdout.matchAll(/\[mandatory\]\s+(\S+)\s+\(\S+: ([^)]+)\)/g)].map(([, rule, resource]) => `${rule} ${resource}`).toSorted();
  }

  it("refuses each violation by its rule's name, and nothing else", async () => {
    assert.deepEqual(await refused("prod"), RULES.map((rule) => `${rule} ${rule}`).toSorted());
  });

  it("asks for digests and protection in prod alone", async () => {
    assert.deepEqual(await refused("dev"), CONTAINER_RULES.map(({ name }) => `${name} ${name}`).toSorted());
  });
});
