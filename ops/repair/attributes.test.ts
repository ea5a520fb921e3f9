import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeBrokenAttributes } from "./attributes.ts";

describe("side files of the state", () => {
  it("that a killed Pulumi left empty are removed, and nothing else", () => {
    const root = mkdtempSync(join(tmpdir(), "mcp-attrs-"));
    try {
      const paths = { root, home: join(root, ".mcp"), cache: root };
      assert.equal(removeBrokenAttributes(paths), 0);
      const folder = join(paths.home, "state", ".pulumi", "stacks", "mcp");
      mkdirSync(folder, { recursive: true });
      for (const [name, text] of [["dev.json", "{}"], ["dev.json.attrs", ""], ["dev.json.bak.attrs", '{"user.md5": "'], ["test.json.attrs", "{}"]] as const) {
        writeFileSync(join(folder, name), text);
      }
      assert.equal(removeBrokenAttributes(paths), 2);
      assert.deepEqual(readdirSync(folder).sort(), ["dev.json", "test.json.attrs"]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
