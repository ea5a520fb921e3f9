import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, repository, until } from "./harness.ts";

// The script around the Go commands is tested with a stand-in for Go: a real build takes minutes.
const go = (body: string, version = "go1.99.0") => `#!/bin/sh
if [ "$1" = env ]; then echo ${version}; exit; fi
while [ "$1" != -o ]; do shift; done
${body}
`;
const compile = `printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod +x "$2"`;

describe("toolchain: the build script", function () {
  this.timeout(60_000);
  let directory: string;
  let out: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "toolchain-test-build-"));
    mkdirSync(join(directory, "bin"));
    mkdirSync(join(directory, "parent"));
    out = join(directory, "parent/result");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const command = (name: string, source: string) => writeFileSync(join(directory, "bin", name), source, { mode: 0o755 });

  function start(args: string[] = []) {
    const child = spawn(join(repository, "toolchain/build"), ["--out", out, "--json", ...args], {
      env: { PATH: `${join(directory, "bin")}:/usr/bin:/bin`, HOME: join(directory, "home") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const result = new Promise<{ code: number | null; events: any[]; stderr: string }>((done) => {
      child.on("close", (code) => {
        done({ code, events: stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)), stderr });
      });
    });
    return { child, result };
  }

  it("builds four parts, reports each and leaves nothing else", async () => {
    command("go", go(compile));
    const { code, events, stderr } = await start().result;
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      events.map((e) => [e.event, e.name, e.step, e.of].filter((x) => x !== undefined).join(" ")),
      [
        "step pulumi 1 4",
        "step pulumi-language-nodejs 2 4",
        "step pulumi-resource-docker 3 4",
        "step pulumi-resource-random 4 4",
        "done",
      ],
    );
    assert.match(stderr, /toolchain: building pulumi \(1\/4\) \.\.\./);
    assert.deepEqual(readdirSync(join(directory, "parent")), ["result"]);
    assert.deepEqual(readdirSync(out).sort(), ["bin", "plugins"]);
    assert.deepEqual(readdirSync(join(out, "bin")).sort(), ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]);
    assert.deepEqual(readdirSync(join(out, "plugins")).sort(), ["pulumi-resource-docker", "pulumi-resource-random"]);
  });

  it("keeps a result that is there, without Go", async () => {
    command("go", go(compile));
    assert.equal((await start().result).code, 0);
    command("go", "#!/bin/sh\nexit 1\n");
    const { code, events } = await start().result;
    assert.equal(code, 0);
    assert.deepEqual(events.map((e) => e.event), ["done"]);
  });

  it("does not touch a directory that is something else", async () => {
    command("go", go(compile));
    mkdirSync(out);
    writeFileSync(join(out, "letter"), "dear");
    const { code, events } = await start().result;
    assert.equal(code, 1);
    assert.match(events[0].message, /exists and is not a toolchain/);
    assert.deepEqual(readdirSync(out), ["letter"]);
  });

  for (const [cause, text, remedy] of [
    ["the network", "dial tcp: lookup example.invalid: no such host", /GOPROXY/],
    ["the module proxy", "reading https://example.invalid/mod: 503 Service Unavailable", /GOPROXY/],
    ["the disk", "write /tmp/x: no space left on device", /free about/],
    ["memory", "compile: signal: killed", /--jobs 1/],
    ["anything else", "syntax error", /run again/],
  ] as const) {
    it(`names a remedy when ${cause} fails, and leaves nothing`, async () => {
      command("go", go(`echo '${text}' >&2; exit 1`));
      const { code, events, stderr } = await start().result;
      assert.equal(code, 1);
      const error = events.find((e) => e.event === "error");
      assert.match(error.remedies.join("\n"), remedy);
      assert.match(stderr, /remedy: /);
      assert.ok(stderr.includes(text), "the cause itself is shown");
      assert.deepEqual(readdirSync(join(directory, "parent")), []);
    });
  }

  it("fails when a built pulumi is not the one asked for", async () => {
    command("go", go(compile.replace("v3.259.0", "v3.1.0")));
    const { code, events } = await start().result;
    assert.equal(code, 1);
    assert.match(events.at(-1).message, /does not run/);
    assert.ok(!existsSync(out));
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends at once on ${signal} and leaves nothing`, async () => {
      command("go", go(`sleep 30 & echo $! $$ > ${join(directory, "pid")}; wait`));
      const { child, result } = start();
      while (!existsSync(join(directory, "pid"))) await new Promise((tick) => setTimeout(tick, 50));
      await new Promise((tick) => setTimeout(tick, 100));
      const began = Date.now();
      child.kill(signal);
      const { code } = await result;
      assert.equal(code, signal === "SIGINT" ? 130 : 143);
      assert.ok(Date.now() - began < 5_000);
      assert.deepEqual(readdirSync(join(directory, "parent")), []);
      for (const pid of readFileSync(join(directory, "pid"), "utf8").trim().split(" ")) {
        assert.ok(await until(() => !isAlive(Number(pid)), 2_000), "the go command or its child still runs");
      }
    });
  }

  it("lets two builds race: both succeed and one result remains", async () => {
    command("go", go(`sleep 0.2; ${compile}`));
    const results = await Promise.all([start().result, start().result]);
    assert.deepEqual(results.map((r) => r.code), [0, 0], results.map((r) => r.stderr).join("\n"));
    assert.deepEqual(readdirSync(join(directory, "parent")), ["result"]);
    assert.deepEqual(readdirSync(out).sort(), ["bin", "plugins"]);
  });

  it("limits the jobs when asked", async () => {
    command("go", `#!/bin/sh\necho "$*" >> ${join(directory, "calls")}\n${go(compile).split("\n").slice(1).join("\n")}`);
    assert.equal((await start(["--jobs", "3"]).result).code, 0);
    const builds = readFileSync(join(directory, "calls"), "utf8").split("\n").filter((line) => line.startsWith("build"));
    assert.ok(builds.length >= 4);
    for (const line of builds) assert.match(line, / -p 3 /);
  });

  it("installs Go with pip where there is none recent enough, and says what else would do", async () => {
    command("go", go(compile, "go1.19.3"));
    command("python3", `#!/bin/sh
case "$*" in *--version*) exit 0 ;; esac
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/go/bin"
cat > "$2/go/bin/go" <<'GO'
${go(compile)}GO
chmod +x "$2/go/bin/go"
`);
    const { code, events, stderr } = await start().result;
    assert.equal(code, 0, stderr);
    assert.equal(events[0].event, "go");

    rmSync(out, { recursive: true });
    rmSync(join(directory, "home"), { recursive: true });
    command("python3", "#!/bin/sh\nexit 1\n");
    const without = await start().result;
    assert.equal(without.code, 1);
    assert.match(without.events.at(-1).remedies.join("\n"), /install Go 1\.\d+ or newer by hand/);
    assert.deepEqual(readdirSync(join(directory, "parent")), []);
  });

  it("has a hash that follows every source and nothing generated", () => {
    const copy = join(directory, "toolchain");
    cpSync(join(repository, "toolchain"), copy, { recursive: true });
    const hash = () => execFileSync(join(copy, "hash"), { encoding: "utf8" });
    const original = hash();
    assert.equal(original, execFileSync(join(repository, "toolchain/hash"), { encoding: "utf8" }));
    assert.match(original, /^[0-9a-f]{32}\n$/);
    writeFileSync(join(copy, "docker/schema.json"), "{}");
    assert.equal(hash(), original);
    for (const file of ["build", "cli/go.mod", "cli/go.sum", "nodejs-host/run.go", "nodejs-host/pulumi-resource-pulumi-nodejs", "docker/info/info.go", "random/shim/shim.go"]) {
      const before = hash();
      appendFileSync(join(copy, file), "\n");
      assert.notEqual(hash(), before, file);
    }
  });
});
