import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { etcdKillSwitch } from "./kill-switch.ts";

const KEY = "/config/mcp/kill_switch";
const etcdWith = (entries: Record<string, string>) => ({ range: async () => ({ revision: 1n, entries: Object.entries(entries).map(([key, value]) => ({ key, value })) }) });
const ask = (etcd: Parameters<typeof etcdKillSwitch>[0], file: string | null = null): Promise<unknown> => etcdKillSwitch(etcd, KEY, file, 20).ask();

describe("the kill switch", () => {
  it("is clear where the key is absent or says so, and set by any other value", async () => {
    assert.equal(await ask(etcdWith({})), "clear");
    assert.equal(await ask(etcdWith({ [`${KEY}_of_somebody_else`]: "set" })), "clear");
    assert.equal(await ask(etcdWith({ [KEY]: "clear" })), "clear");
    for (const value of ["set", "", "Clear", "no"]) assert.equal(await ask(etcdWith({ [KEY]: value })), "set", `"${value}"`);
  });

  it("cannot be asked where etcd refuses or is silent", async () => {
    assert.equal(await ask({ range: async () => { throw new Error("no leader"); } }), null);
    assert.equal(await ask({ range: () => new Promise<never>(() => undefined) }), null);
  });

  it("is set by a file on the machine, whatever etcd says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kill-"));
    try {
      assert.equal(await ask(etcdWith({}), join(folder, "kill")), "clear");
      writeFileSync(join(folder, "kill"), "");
      assert.equal(await ask(etcdWith({ [KEY]: "clear" }), join(folder, "kill")), "set");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
