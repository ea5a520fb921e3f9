import assert from "node:assert/strict";
import { join } from "node:path";
import { pathsOf } from "../../ops/system/paths.ts";
import { run } from "../../ops/system/processes.ts";

describe("types", () => {
  it("fit together in every file", async function () {
    this.timeout(120_000);
    const checked = await run(join(pathsOf({}).root, "ops", "ci", "types.sh"), []);
    assert.ok(checked.code === 0, checked.stdout || checked.stderr);
  });
});
