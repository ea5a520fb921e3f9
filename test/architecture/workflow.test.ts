import assert from "node:assert/strict";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { pathsOf } from "../../ops/system/paths.ts";
import { wantedVersions } from "../../ops/prerequisites/pulumi.ts";
import { run } from "../../ops/system/processes.ts";

interface Step { name?: string; uses?: string; run?: string; with?: Record<string, unknown> }

describe("the workflow of pull requests", () => {
  const paths = pathsOf({});
  const text = readFileSync(join(paths.root, ".github/workflows/pull-request.yml"), "utf8");
  const workflow = parse(text) as { permissions: Record<string, string>; jobs: Record<string, { steps: Step[] }> };
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const scripts = readdirSync(join(paths.root, "ops/ci"));

  it("consists of commands that everybody can run", () => {
    const commands = steps.flatMap((step) => (step.run ? [step.run.trim()] : []));
    assert.ok(commands.length >= 4);
    for (const command of commands) {
      assert.match(command, /^(\.\/mcp|ops\/ci\/[a-z-]+\.sh)( |$)/, command);
      accessSync(join(paths.root, command.split(" ")[0]!), constants.X_OK);
    }
    for (const script of scripts) assert.ok(commands.some((command) => command.startsWith(`ops/ci/${script}`)), `${script} is used`);
  });

  it("uses no secret of the repository, and may only read it and comment", () => {
    assert.doesNotMatch(text, /secrets\./);
    assert.deepEqual(workflow.permissions, { contents: "read", "pull-requests": "write" });
  });

  it("previews with the version that package.json pins, and comments the diff", () => {
    const preview = steps.find((step) => step.uses?.startsWith("pulumi/actions@"))!;
    assert.equal(preview.with!["pulumi-version"], wantedVersions(paths).pulumi);
    assert.equal(preview.with!.diff, true);
    assert.equal(preview.with!.command, "preview");
  });

  it("has scripts that a POSIX shell can read", async () => {
    for (const script of scripts) {
      const parsed = await run("sh", ["-n", join(paths.root, "ops/ci", script)]);
      assert.equal(parsed.code, 0, `${script}: ${parsed.stderr}`);
    }
  });
});
