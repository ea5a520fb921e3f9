import assert from "node:assert/strict";
import { parseTree } from "./listing.ts";

describe("parseTree", () => {
  it("keeps blobs, with whatever their names hold, and counts the rest", () => {
    const sha = "a".repeat(40);
    const output = [`100644 blob ${sha}     12\tsrc/a b\tc.ts`, `100755 blob ${sha}       0\tnew\nline.sh`, `120000 blob ${sha}  3\tlink`, `160000 commit ${sha}       -\tvendor/lib`, ""].join("\0");
    assert.deepEqual(parseTree(output), {
      files: [{ path: "src/a b\tc.ts", sha1: sha, sizeBytes: 12 }, { path: "new\nline.sh", sha1: sha, sizeBytes: 0 }],
      passed: { symlink: 1, submodule: 1 },
    });
  });
});
