import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Failure } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";
import { ensurePassphrase, passphraseFile } from "./passphrase.ts";
import { readState, setStateAside, stateFiles } from "./state-files.ts";

describe("the file backend", () => {
  let paths: Paths;
  const stateFile = () => join(paths.home, "state", ".pulumi", "stacks", "mcp", "dev.json");
  const initialise = (text: string) => {
    mkdirSync(join(stateFile(), ".."), { recursive: true });
    writeFileSync(stateFile(), text);
    writeFileSync(`${stateFile()}.attrs`, "{}");
  };
  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), "mcp-state-"));
    paths = { root, home: join(root, ".mcp"), cache: join(root, "cache") };
  });
  afterEach(() => { rmSync(paths.root, { recursive: true }); });

  it("tells resources and unfinished operations of a stack", () => {
    initialise(JSON.stringify({ version: 3, checkpoint: { latest: {
      resources: [{ urn: "urn:a", type: "docker:index/network:Network", id: "1" }],
      pending_operations: [{ type: "creating", resource: { urn: "urn:b" } }],
    } } }));
    assert.deepEqual(readState(paths, "dev"), { resources: [{ urn: "urn:a", type: "docker:index/network:Network", id: "1" }], pending: [{ type: "creating", urn: "urn:b" }] });
    assert.equal(readState(paths, "test"), null);
  });

  it("takes a fresh stack for an empty one", () => {
    initialise('{"version":3,"checkpoint":{"stack":"dev"}}');
    assert.deepEqual(readState(paths, "dev"), { resources: [], pending: [] });
  });

  it("names a damaged file and the way back", () => {
    initialise('{"version":3,"check');
    assert.throws(() => readState(paths, "dev"), (error: Failure) => error.exitCode === 1 && error.message.includes(`cp ${stateFile()}.bak`));
  });

  it("can be set aside, so that the stack begins anew", () => {
    initialise("{}");
    const aside = setStateAside(paths, "dev", new Date("2026-11-23T10:00:00Z"))!;
    assert.deepEqual(stateFiles(paths), []);
    assert.ok(existsSync(join(aside, "dev.json")) && existsSync(join(aside, "dev.json.attrs")));
    assert.equal(setStateAside(paths, "dev"), null);
  });

  describe("'s passphrase", () => {
    it("is made on first use, for its owner alone, and kept", () => {
      ensurePassphrase(paths, {});
      const made = readFileSync(passphraseFile(paths), "utf8");
      assert.ok(made.trim().length >= 40);
      assert.equal(statSync(passphraseFile(paths)).mode & 0o777, 0o600);
      ensurePassphrase(paths, {});
      assert.equal(readFileSync(passphraseFile(paths), "utf8"), made);
    });

    it("is not made when it comes from outside", () => {
      ensurePassphrase(paths, { PULUMI_CONFIG_PASSPHRASE: "" });
      assert.ok(!existsSync(passphraseFile(paths)));
    });

    it("is never made anew under a state that only the old one opens", () => {
      initialise("{}");
      for (const env of [{}, { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(paths) }]) {
        assert.throws(() => ensurePassphrase(paths, env), (error: Failure) => error.exitCode === 3
          && /^\.mcp\/passphrase is lost/.test(error.message) && error.message.includes("./mcp down --stack dev --forget"));
      }
      assert.ok(!existsSync(passphraseFile(paths)));
    });
  });
});
