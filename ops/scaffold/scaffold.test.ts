import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCatalog } from "../../plan/catalog.ts";
import { readCatalogFiles } from "../../plan/read-sources.ts";
import { pathsOf } from "../system/paths.ts";
import { run } from "../system/processes.ts";
import type { Failure } from "../system/failure.ts";
import { fill, newAgent, newServer, titleOf } from "./scaffold.ts";

const { root: checkout } = pathsOf({});

describe("what ./mcp new makes", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "mcp-new-"));
    for (const folder of ["configs/servers", "configs/agents", "services/servers", "services/agents"]) mkdirSync(join(root, folder), { recursive: true });
    for (const shared of ["contract", "node_modules", "package.json", "tsconfig.json"]) symlinkSync(join(checkout, shared), join(root, shared));
    // Copied: its modules must find themselves in the same tree as what uses them.
    cpSync(join(checkout, "services/kit"), join(root, "services/kit"), { recursive: true });
    cpSync(join(checkout, "templates"), join(root, "templates"), { recursive: true });
    writeFileSync(join(root, "configs/servers/utils.yaml"), "category: utils\nservers:\n  toolbox:\n    port: 8080\n    description: converts this and that\n    capabilities: [convert_units]");
  });
  afterEach(() => { rmSync(root, { recursive: true }); });
  const catalog = () => parseCatalog(readCatalogFiles(root));

  it("stands in the catalogue beside what was there, on the next free port", () => {
    newServer(root, "utils", "pool-watcher");
    newServer(root, "data-providers", "price-oracle");
    newAgent(root, "pool-sweeper");
    const { servers, agents } = catalog();
    assert.deepEqual(Object.entries(servers).map(([name, { category, port }]) => [name, category, port]).sort(),
      [["pool-watcher", "utils", 8081], ["price-oracle", "data-providers", 8021], ["toolbox", "utils", 8080]]);
    assert.deepEqual(agents["pool-sweeper"]!.ports, [3302, 3302]);
  });

  it("leaves the ports of an agent type that ships to the contract", () => {
    newAgent(root, "fixer");
    assert.equal(catalog().agents.fixer!.ports, undefined);
  });

  it("has no open place left, in any file", () => {
    const made = [newServer(root, "utils", "pool-watcher"), newAgent(root, "pool-sweeper")];
    for (const { folder } of made) {
      const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      assert.ok(files.length >= 5);
      for (const file of files) assert.doesNotMatch(readFileSync(join(file.parentPath, file.name), "utf8"), /__[A-Z]+__/, file.name);
      assert.ok(!existsSync(join(root, folder, "catalog.yaml.tmpl")));
    }
  });

  it("passes its own tests and the type check untouched", async function () {
    this.timeout(60_000);
    newServer(root, "utils", "pool-watcher");
    newAgent(root, "pool-sweeper");
    const mocha = run(process.execPath, [join(checkout, "node_modules/mocha/bin/mocha.js"), "services/servers/**/*.test.ts", "services/agents/**/*.test.ts"], { cwd: root });
    const result = await mocha;
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.match(result.stdout, /\d{1,} passing/);
  });

  it("is refused with exit code 2 and nothing written, for a name or category that cannot be", () => {
    for (const [make, pattern] of [
      [() => newServer(root, "util", "x-y"), /"util" is no category; it is one of orchestration,/],
      [() => newServer(root, "utils", "Pool"), /lower case words/],
      [() => newServer(root, "utils", "toolbox"), /configs\/servers\/utils\.yaml has a server "toolbox" already/],
      [() => newAgent(root, "toolbox"), /has a server "toolbox" already/],
    ] as const) {
      assert.throws(make, (error: Failure) => error.exitCode === 2 && pattern.test(error.message));
    }
    assert.deepEqual(readdirSync(join(root, "services/servers")), []);
    assert.deepEqual(readdirSync(join(root, "configs/agents")), []);
  });

  it("is titled by its name", () => {
    assert.equal(titleOf("pool-watcher"), "Pool watcher");
    assert.throws(() => fill("__WHAT__", {}), /__WHAT__/);
  });
});
