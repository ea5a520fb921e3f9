import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Build } from "../../plan/service-spec.ts";
import { stageImages } from "./stage.ts";

const REPOSITORY = join(import.meta.dirname, "../..");

const service = (name: string, more: Partial<Build> = {}): Build => ({
  name, dockerfile: "images/service", context: "images/service", bases: ["node"],
  bundle: { entry: `services/${name}/main.ts`, externalPackages: [] }, ...more,
});
const BASE: Build = { name: "base-node", dockerfile: "images/base/node", context: "images/base/node", bases: [], packageFiles: { node: "node-linux/bin/node" } };

describe("staged images", function () {
  this.timeout(20_000);
  let root: string;
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode);
  };
  const read = (context: string, path: string): string => readFileSync(join(root, context, path), "utf8");
  const names = async (builds: Build[], prefix = ""): Promise<Record<string, string>> =>
    Object.fromEntries([...await stageImages(root, prefix, builds)].map(([key, { name }]) => [key, name]));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "stage-"));
    put("package-lock.json", "{}");
    put("tsconfig.json", "{}");
    put("images/service/Dockerfile", "FROM x\n");
    put("images/base/node/Dockerfile", "FROM y\n");
    put("images/base/node/probe", "#!/bin/sh\n", 0o755);
    put("node_modules/node-linux/package.json", '{"name":"node-linux","version":"1.0.0"}');
    put("node_modules/node-linux/bin/node", "ELF", 0o755);
    put("node_modules/outer/package.json", '{"name":"outer","version":"1.0.0","dependencies":{"inner":"^2"},"optionalDependencies":{"absent":"1"}}');
    put("node_modules/outer/index.js", "export const outer = 1;");
    put("node_modules/outer/node_modules/inner/package.json", '{"name":"inner","version":"2.0.0"}');
    put("node_modules/outer/node_modules/inner/index.js", "");
    put("node_modules/inner/package.json", '{"name":"inner","version":"1.0.0"}');
    put("services/shared.ts", "export const greeting: string = 'hello';");
    put("services/a/main.ts", "import { greeting } from '../shared.ts'; console.log(greeting, __dirname.length > 0, typeof require);");
    put("services/b/main.ts", "console.log('b');");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("hold a Dockerfile and a bundle that runs, and start from their base by name", async () => {
    const staged = await stageImages(root, "test-", [BASE, service("a")]);
    const { name, context, buildArgs } = staged.get("a")!;
    assert.match(name, /^test-mcp\/a:[0-9a-f]{12}$/);
    assert.equal(context, `.mcp/stage/a/${name.split(":")[1]}`);
    assert.deepEqual(buildArgs, { BASE_NODE: staged.get("base-node")!.name });
    assert.equal(read(context, "Dockerfile"), "FROM x\n");
    assert.equal(execFileSync(process.execPath, [join(root, context, "app/main.js")], { encoding: "utf8" }), "hello true function\n");
  });

  it("are named by their content: the same again, another with each thing that matters", async () => {
    const builds = [BASE, service("a"), service("b")];
    const before = await names(builds);
    assert.deepEqual(await names(builds), before);

    put("services/shared.ts", "export const greeting: string = 'good morning';");
    const edited = await names(builds);
    assert.notEqual(edited.a, before.a);
    assert.deepEqual({ ...edited, a: "" }, { ...before, a: "" }, "only what is made from the file");

    put("images/base/node/probe", "#!/bin/bash\n", 0o755);
    const rebased = await names(builds);
    for (const name of ["base-node", "a", "b"]) assert.notEqual(rebased[name], edited[name], name);

    put("node_modules/node-linux/package.json", '{"name":"node-linux","version":"1.0.1"}');
    assert.notEqual((await names(builds))["base-node"], rebased["base-node"]);
  });

  it("do not depend on umask, only on whether a file is executable", async () => {
    const before = await names([BASE]);
    chmodSync(join(root, "images/base/node/probe"), 0o700);
    assert.deepEqual(await names([BASE]), before);
    chmodSync(join(root, "images/base/node/probe"), 0o644);
    assert.notDeepEqual(await names([BASE]), before);
    const { context } = (await stageImages(root, "", [BASE])).get("base-node")!;
    const mode = (path: string): number => statSync(join(root, context, path)).mode & 0o777;
    assert.deepEqual([mode("probe"), mode("node"), mode("Dockerfile")], [0o644, 0o755, 0o644]);
  });

  it("ship external packages with what these depend on, and leave them out of the bundle", async () => {
    put("services/a/main.ts", "import { outer } from 'outer'; console.log(outer);");
    const { context } = (await stageImages(root, "", [BASE, service("a", { bundle: { entry: "services/a/main.ts", externalPackages: ["outer"] } })])).get("a")!;
    assert.match(read(context, "app/main.js"), /from\s*"outer"/);
    assert.equal(read(context, "app/node_modules/outer/index.js"), "export const outer = 1;");
    assert.match(read(context, "app/node_modules/outer/node_modules/inner/package.json"), /2\.0\.0/);
    assert.ok(!existsSync(join(root, context, "app/node_modules/inner")), "the other version is not wanted");
  });

  it("put nothing on disk again when nothing has changed, nor bundle anything", async () => {
    const builds = [BASE, service("a"), service("b")];
    await stageImages(root, "", builds);
    const past = new Date(Date.now() - 60_000);
    const all = readdirSync(join(root, ".mcp"), { recursive: true, encoding: "utf8" }).map((path) => join(root, ".mcp", path));
    for (const path of all) utimesSync(path, past, past);
    await stageImages(root, "", builds);
    assert.deepEqual(all.filter((path) => statSync(path).mtimeMs > past.getTime() + 1_000), []);
  });

  it("come back when somebody clears them away", async () => {
    const builds = [BASE, service("a")];
    const { context } = (await stageImages(root, "", builds)).get("a")!;
    rmSync(join(root, context), { recursive: true });
    await stageImages(root, "", builds);
    assert.ok(read(context, "app/main.js").includes("hello"));
  });

  it("leave no half-written context behind", async () => {
    await stageImages(root, "", [BASE, service("a")]);
    assert.deepEqual(readdirSync(join(root, ".mcp/stage")).toSorted(), ["a", "base-node", "bundles.json"]);
    assert.equal(readdirSync(join(root, ".mcp/stage/a")).length, 1);
  });

  it("name the Dockerfile, package or source that is missing", async () => {
    await assert.rejects(stageImages(root, "", [service("a", { bases: [], dockerfile: "images/servers/a" })]), /images\/servers\/a\/Dockerfile is missing/);
    await assert.rejects(stageImages(root, "", [service("a", { bases: [], packageFiles: { proto: "etcd3/proto" } })]), /node_modules\/etcd3\/proto is missing: run npm ci/);
    await assert.rejects(stageImages(root, "", [service("a", { bases: [], bundle: { entry: "services/a/main.ts", externalPackages: ["viem"] } })]),
      /npm package "viem" is not installed/);
    await assert.rejects(stageImages(root, "", [service("c", { bases: [] })]), /^StagingError: Could not resolve "services\/c\/main\.ts"$/);
    put("services/b/main.ts", "\nconst b = ;\n");
    await assert.rejects(stageImages(root, "", [service("b", { bases: [] })]), /^StagingError: services\/b\/main\.ts:2:11: Unexpected ";"$/);
  });

  it("bundle etcd3 so that it finds its protocol files beside the app", async () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
    put("services/a/main.ts", "import { Etcd3 } from 'etcd3'; console.log(typeof Etcd3);");
    const { context } = (await stageImages(root, "", [service("a", { bases: [], packageFiles: { proto: "etcd3/proto" } })])).get("a")!;
    assert.equal(execFileSync(process.execPath, [join(root, context, "app/main.js")], { encoding: "utf8" }), "function\n");
  });
});
