import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../../ops/system/paths.ts";
import { run } from "../../ops/system/processes.ts";
import { Sandbox } from "./fakes.ts";

const ARCH = process.arch;
/** An npm that installs a runtime which prints what it was started with. */
const NPM = `sleep 0.3
mkdir -p node_modules/node-linux-${ARCH}/bin
printf '%s\\n' '#!/bin/sh' 'echo "ran $*"; [ "$2" = stdin ] && cat' 'exit 7' >node_modules/node-linux-${ARCH}/bin/node
/bin/chmod +x node_modules/node-linux-${ARCH}/bin/node`;

describe("./mcp", () => {
  let box: Sandbox;
  const mcp = (args: string[] = ["up"], options: { cwd?: string; env?: Record<string, string> } = {}) =>
    run(join(box.root, "mcp"), args, { cwd: options.cwd ?? "/", env: { ...box.env, CI: "true", ...options.env } });
  beforeEach(() => {
    box = new Sandbox();
    copyFileSync(join(pathsOf({}).root, "mcp"), join(box.root, "mcp"));
    chmodSync(join(box.root, "mcp"), 0o755);
    writeFileSync(join(box.root, "package-lock.json"), "{}");
    box.fake("id", "echo 0");
  });
  afterEach(() => { box.remove(); });
  const npmCalls = () => box.calls().filter((call) => call.startsWith("npm"));

  it("installs the packages without install scripts, then runs ops/main.ts under their Node, from any folder and without input", async () => {
    box.fake("node", "echo v18.19.0");
    box.fake("npm", NPM);
    const result = await mcp(["up", "--stack", "test"]);
    assert.equal(result.stdout, `ran ${join(box.root, "ops", "main.ts")} up --stack test\n`);
    assert.equal(result.code, 7, "the exit code of the verb");
    assert.equal(npmCalls().length, 1);
    assert.match(npmCalls()[0]!, /^npm ci .*--ignore-scripts/);
  });

  it("installs again only when the lock file has changed", async () => {
    box.fake("node", "echo v20.1.0");
    box.fake("npm", NPM);
    await mcp();
    await mcp();
    assert.equal(npmCalls().length, 1);
    writeFileSync(join(box.root, "package-lock.json"), '{"changed": true}');
    await mcp();
    assert.equal(npmCalls().length, 2);
  });

  it("installs once when several are started together", async () => {
    box.fake("node", "echo v20.1.0");
    box.fake("npm", NPM);
    const results = await Promise.all([mcp(), mcp(), mcp()]);
    assert.ok(results.every((result) => result.code === 7 && result.stdout.startsWith("ran ")));
    assert.equal(npmCalls().length, 1);
  });

  it("installs again after an installation that failed or was cut short", async () => {
    box.fake("node", "echo v20.1.0");
    box.fake("npm", 'echo "npm error network" >&2; exit 1');
    const failure = await mcp();
    assert.equal(failure.code, 1);
    assert.match(failure.stderr, /npm error network[^]*npm ci failed/);
    box.fake("npm", NPM);
    assert.equal((await mcp()).code, 7);
  });

  it("needs no Node of the system once the packages are there", async () => {
    box.fake("node", "echo v20.1.0");
    box.fake("npm", NPM);
    await mcp();
    box.fake("node", "exit 1");
    box.fake("npm", "exit 1");
    assert.equal((await mcp()).code, 7);
  });

  it("installs nodejs and npm as root on Debian, saying so", async () => {
    box.fake("apt-get", `case "$*" in *install*) printf '#!/bin/sh\\necho v20.19.2\\n' >"$state/bin/node"; cat >"$state/bin/npm" <<'END'\n#!/bin/sh\n${NPM}\nEND\n/bin/chmod +x "$state/bin/node" "$state/bin/npm";; esac`);
    const result = await mcp();
    assert.equal(result.code, 7);
    assert.match(result.stderr, /Installing nodejs and npm/);
    assert.deepEqual(box.calls().filter((call) => call.startsWith("apt-get")), ["apt-get -qq update", "apt-get -qq install -y --no-install-recommends nodejs npm ca-certificates"]);
  });

  for (const [title, prepare] of [
    ["without root", () => { box.fake("id", "echo 1000"); box.fake("apt-get", "exit 0"); }],
    ["without apt-get", () => {}],
    ["where the distribution's Node is too old", () => { box.fake("node", "echo v12.22.9"); box.fake("npm", "exit 1"); box.fake("apt-get", "exit 0"); }],
    ["where apt-get fails", () => { box.fake("apt-get", "exit 100"); }],
  ] as const) {
    it(`stops ${title} with exit code 3 and the remedy in one line`, async () => {
      prepare();
      const result = await mcp();
      assert.equal(result.code, 3);
      const lines = result.stderr.trimEnd().split("\n").filter((line) => line.startsWith("mcp: "));
      assert.equal(lines.length, 1);
      assert.match(lines[0]!, /Install Node\.js 18 or newer with npm/);
      assert.equal(npmCalls().length, 0);
    });
  }

  it("stops on other systems with exit code 3", async () => {
    box.fake("uname", 'case "$1" in -s) echo Darwin;; -m) echo arm64;; *) echo "Darwin arm64";; esac');
    const result = await mcp();
    assert.equal(result.code, 3);
    assert.match(result.stderr, /^mcp: runs on Linux on x86-64 or ARM64 only, and this is Darwin arm64/);
  });

  it("may be called through a link", async () => {
    box.fake("node", "echo v20.1.0");
    box.fake("npm", NPM);
    mkdirSync(join(box.folder, "links"));
    symlinkSync(join(box.root, "mcp"), join(box.folder, "links", "mcp"));
    const result = await run(join(box.folder, "links", "mcp"), ["x"], { env: box.env });
    assert.match(result.stdout, /^ran .*\/checkout\/ops\/main\.ts x/);
    assert.ok(existsSync(join(box.root, "node_modules")));
  });
});

describe("children of ./mcp", () => {
  it("get Ctrl-C also where it is ignored, as in a background job", async () => {
    const program = `const { run } = await import(${JSON.stringify(join(pathsOf({}).root, "ops", "system", "processes.ts"))});
      const { stdout } = await run("cat", ["/proc/self/status"]);
      console.log(/SigIgn:\\s*(\\w+)/.exec(stdout)[1]);`;
    // The shell ignores SIGINT, and what it starts inherits that.
    const child = spawn("sh", ["-c", `trap '' INT; exec "$0" --input-type=module -e "$1"`, process.execPath, program], { stdio: ["ignore", "pipe", "inherit"] });
    let mask = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => { mask += text; });
    await new Promise((resolve) => child.on("close", resolve));
    assert.equal(Number.parseInt(mask.trim().slice(-2), 16) & 0b10, 0, `signals ignored: ${mask}`);
  });
});
