import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Failure } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";
import { assertStack, dropSalt, syncWorkingCopy, workingFile, writeWorkingCopy } from "./working-copy.ts";

describe("working copy of a stack file", () => {
  let paths: Paths;
  const tracked = (text: string) => writeFileSync(join(paths.root, "Pulumi.dev.yaml"), text);
  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), "mcp-stacks-"));
    paths = { root, home: join(root, ".mcp"), cache: join(root, "cache") };
    tracked("config:\n  mcp:portOffset: 0\n  mcp:network: {name: mcpnet}\n");
  });
  afterEach(() => { rmSync(paths.root, { recursive: true }); });

  it("begins as the tracked file, readable by its owner alone", () => {
    assert.deepEqual(syncWorkingCopy(paths, "dev").config, { "mcp:portOffset": 0, "mcp:network": { name: "mcpnet" } });
    assert.equal(statSync(workingFile(paths, "dev")).mode & 0o777, 0o600);
  });

  it("takes over changes of the tracked file and keeps what Pulumi and its user wrote", () => {
    const first = syncWorkingCopy(paths, "dev");
    writeWorkingCopy(paths, "dev", { ...first, config: { ...first.config as object, "mcp:replicas": { builder: 3 } }, encryptionsalt: "v1:x" });
    tracked("config:\n  mcp:portOffset: 7\n  mcp:network: {name: mcpnet}\n");
    assert.deepEqual(syncWorkingCopy(paths, "dev"), {
      config: { "mcp:portOffset": 7, "mcp:network": { name: "mcpnet" }, "mcp:replicas": { builder: 3 } }, encryptionsalt: "v1:x",
    });
  });

  it("never writes to the tracked file", () => {
    const before = readFileSync(join(paths.root, "Pulumi.dev.yaml"), "utf8");
    syncWorkingCopy(paths, "dev");
    writeWorkingCopy(paths, "dev", { config: { "mcp:portOffset": 9 } });
    syncWorkingCopy(paths, "dev");
    assert.equal(readFileSync(join(paths.root, "Pulumi.dev.yaml"), "utf8"), before);
  });

  it("is made anew when somebody removed it", () => {
    syncWorkingCopy(paths, "dev");
    rmSync(workingFile(paths, "dev"));
    assert.deepEqual(parse(readFileSync(join(paths.root, "Pulumi.dev.yaml"), "utf8")), syncWorkingCopy(paths, "dev"));
  });

  it("loses a salt that no passphrase fits any more, and nothing else", () => {
    writeWorkingCopy(paths, "dev", { config: { "mcp:portOffset": 3 }, encryptionsalt: "v1:x" });
    dropSalt(paths, "dev");
    assert.deepEqual(parse(readFileSync(workingFile(paths, "dev"), "utf8")), { config: { "mcp:portOffset": 3 } });
  });

  it("keeps the salt of secrets, and says what to do about them", () => {
    writeWorkingCopy(paths, "dev", { config: { "mcp:rpcUrl": { secure: "v1:abc" } }, encryptionsalt: "v1:x" });
    assert.throws(() => dropSalt(paths, "dev"), (error: Failure) => error.exitCode === 1 && /Pulumi\.dev\.yaml holds secrets .* set the secrets again/.test(error.message));
    assert.match(readFileSync(workingFile(paths, "dev"), "utf8"), /encryptionsalt/);
  });

  it("of a broken file is refused with the file's name and line", () => {
    tracked("config:\n  mcp:portOffset: [1\n");
    assert.throws(() => syncWorkingCopy(paths, "dev"), (error: Failure) => error.exitCode === 2 && /^Pulumi\.dev\.yaml: .*line/.test(error.message));
  });

  it("of a stack that nobody made is refused with the stacks there are", () => {
    assert.throws(() => assertStack(paths, "prd"), (error: Failure) => error.exitCode === 2 && /stacks here: dev\b/.test(error.message));
  });
});
