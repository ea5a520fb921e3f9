import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { clearStaleLocks, isStale, parseLock } from "./locks.ts";

const lock = (pid: number, host = hostname()) => JSON.stringify({ pid, username: "root", hostname: host, timestamp: "2026-11-23T11:00:00Z" });

describe("Pulumi's locks", () => {
  it("are stale when their process is gone or its number belongs to another program", () => {
    const parsed = parseLock(lock(7, "here"));
    assert.ok(isStale(parsed, "here", null));
    assert.ok(isStale(parsed, "here", "postgres"));
    assert.ok(!isStale(parsed, "here", "pulumi"));
  });

  it("of another machine are never taken for stale", () => {
    assert.ok(!isStale(parseLock(lock(7, "elsewhere")), "here", null));
  });

  describe("in a folder", () => {
    let folder: string;
    beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "mcp-locks-")); });
    afterEach(() => { rmSync(folder, { recursive: true }); });

    it("are removed when stale, cut short ones too, and reported when held", () => {
      // This process runs, and is no Pulumi.
      writeFileSync(join(folder, "dead.json"), lock(process.pid));
      writeFileSync(join(folder, "short.json"), "");
      writeFileSync(join(folder, "other.json"), lock(1, "elsewhere"));
      assert.deepEqual(clearStaleLocks(folder).held.map((held) => held.hostname), ["elsewhere"]);
      assert.deepEqual(readdirSync(folder), ["other.json"]);
    });

    it("may be absent altogether", () => {
      assert.deepEqual(clearStaleLocks(join(folder, "none")), { removed: 0, held: [] });
    });
  });
});
