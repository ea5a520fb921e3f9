import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { providePulumi } from "../../../ops/prerequisites/pulumi.ts";
import { terminalUi } from "../../../ops/cli/ui.ts";
import { thisHost } from "../../../ops/system/host.ts";
import { pathsOf } from "../../../ops/system/paths.ts";
import { run } from "../../../ops/system/processes.ts";

describe("the preview of a pull request", function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "mcp-preview-")); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  it("shows a whole stack on a throwaway backend, without a secret of anybody's", async () => {
    const paths = pathsOf(process.env);
    // GitHub hands these files to a step, and later steps get what was written there.
    const [environment, path] = [join(folder, "env"), join(folder, "path")];
    for (const file of [environment, path]) writeFileSync(file, "");
    const prepared = await run(join(paths.root, "ops/ci/prepare-preview.sh"), ["test"], {
      cwd: folder, env: { ...process.env, GITHUB_ENV: environment, GITHUB_PATH: path },
    });
    assert.equal(prepared.code, 0, prepared.stderr);
    const { PULUMI_CONFIG_PASSPHRASE_FILE: _, ...rest } = process.env;
    const variables = {
      ...parseEnv(readFileSync(environment, "utf8")) as Record<string, string>,
      PATH: [...readFileSync(path, "utf8").trim().split("\n"), rest.PATH].join(":"),
    };
    const tools = await providePulumi({ host: thisHost(), paths, ui: terminalUi(true) });
    // As pulumi/actions calls it.
    const preview = await run(join(tools.bin, "pulumi"), ["preview", "--stack", "organization/mcp/test", "--diff", "--non-interactive", "--color", "never"],
      { cwd: paths.root, env: { ...rest, ...variables } });
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    assert.match(preview.stdout, /docker:index\/container:Container: \(create\)/);
    assert.doesNotMatch(preview.stdout, /\b(update|replace|delete)\b\)/);
    rmSync((variables as Record<string, string>).PULUMI_BACKEND_URL!.replace("file://", ""), { recursive: true });
  });
});
