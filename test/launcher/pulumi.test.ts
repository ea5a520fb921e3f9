import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atLeast, providePulumi, pulumi } from "../../ops/prerequisites/pulumi.ts";
import type { Failure } from "../../ops/system/failure.ts";
import { Sandbox } from "./fakes.ts";

/** A pulumi that knows its version, and installs plugins from files, from the network only if told. */
const pulumiOf = (version: string, downloads = true) => `case "$1" in
  version) echo v${version} ;;
  plugin) file=; for word; do [ "$previous" = --file ] && file=$word; previous=$word; done
    ${downloads ? "" : '[ -n "$file" ] || { echo "error: no such host" >&2; exit 1; }'}
    mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"; printf '%s' "$file" >"$PULUMI_HOME/plugins/resource-$4-v$5/from" ;;
esac`;
const NO_NETWORK = 'echo "curl: (6) Could not resolve host" >&2; exit 6';
/** What the official installer does with the arguments that it is given. */
const installer = (program: string) => `cat <<'SCRIPT'
#!/bin/sh
printf '%s\\n' "installer $*" >>"$RECORD"
while [ $# -gt 0 ]; do case "$1" in --install-root) root=$2 ;; esac; shift; done
mkdir -p "$root/bin"
cat >"$root/bin/pulumi" <<'PROGRAM'
#!/bin/sh
${program}
PROGRAM
/bin/chmod +x "$root/bin/pulumi"
cp "$root/bin/pulumi" "$root/bin/pulumi-language-nodejs"
SCRIPT`;

describe("prerequisite pulumi", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    writeFileSync(join(box.root, "package.json"), JSON.stringify({ dependencies: { "@pulumi/pulumi": "3.259.0", "@pulumi/docker": "5.2.0", "@pulumi/random": "4.21.2" } }));
    mkdirSync(join(box.root, "toolchain"));
    script("hash", "echo 0123abcd");
    script("build", `printf 'build %s\\n' "$*" >>"${box.folder}/calls"
while [ $# -gt 0 ]; do case "$1" in --out) out=$2 ;; esac; shift; done
mkdir -p "$out/bin" "$out/plugins"
cat >"$out/bin/pulumi" <<'PROGRAM'
#!/bin/sh
${pulumiOf("3.259.0", false)}
PROGRAM
/bin/chmod +x "$out/bin/pulumi"; cp "$out/bin/pulumi" "$out/bin/pulumi-language-nodejs"
touch "$out/plugins/pulumi-resource-docker" "$out/plugins/pulumi-resource-random"`);
    box.fake("go", "exit 0");
  });
  afterEach(() => { box.remove(); });
  function script(name: string, lines: string): void {
    const file = join(box.root, "toolchain", name);
    writeFileSync(file, `#!/bin/sh\n${lines}\n`);
    chmodSync(file, 0o755);
  }
  const plugin = (name: string) => join(box.root, ".mcp", "pulumi", "plugins", name);
  const setting = () => box.setting({ env: { RECORD: join(box.folder, "calls") } });

  it("on PATH is used when it is new enough and has its language host", async () => {
    box.fake("pulumi", pulumiOf("3.300.1"));
    box.fake("pulumi-language-nodejs", "");
    const tools = await providePulumi(setting());
    assert.deepEqual(tools, { bin: box.bin, version: "3.300.1", source: "PATH" });
    assert.ok(existsSync(plugin("resource-docker-v5.2.0")) && existsSync(plugin("resource-random-v4.21.2")));
    assert.equal((await pulumi.check(setting())).state, "found");
  });

  it("comes from the official installer, version pinned, into the project, where that is reached", async () => {
    box.fake("curl", installer(pulumiOf("3.259.0")));
    const tools = await providePulumi(setting());
    assert.equal(tools.source, "official installer");
    assert.equal(tools.bin, join(box.root, ".mcp", "pulumi", "bin"));
    assert.ok(box.calls().includes(`installer --version 3.259.0 --install-root ${join(box.root, ".mcp", "pulumi")} --no-edit-path`));
    assert.ok(!box.calls().some((call) => call.startsWith("build")));
  });

  it("is built from Go modules where the installer is not reached, its plugins with it", async () => {
    box.fake("curl", NO_NETWORK);
    const tools = await providePulumi(setting());
    assert.equal(tools.source, "toolchain");
    const folder = join(setting().paths.cache, "toolchain", "0123abcd");
    assert.equal(tools.bin, join(folder, "bin"));
    assert.ok(box.calls().includes(`build --out ${folder}`));
    assert.ok(existsSync(plugin("resource-docker-v5.2.0")));
    assert.ok(box.said.some((line) => line.includes("Could not resolve host")), "says why");
  });

  it("is built once for all checkouts of a user", async () => {
    box.fake("curl", NO_NETWORK);
    await providePulumi(setting());
    await providePulumi({ ...setting(), paths: { ...setting().paths, home: join(box.folder, "second", ".mcp") } });
    assert.equal(box.calls().filter((call) => call.startsWith("build")).length, 1);
  });

  it("is not taken from PATH when it is too old or lacks its language host", async () => {
    box.fake("curl", NO_NETWORK);
    box.fake("pulumi", pulumiOf("3.259.0"));
    assert.equal((await providePulumi(setting())).source, "toolchain");
    box.fake("pulumi", pulumiOf("3.200.0"));
    box.fake("pulumi-language-nodejs", "");
    assert.equal((await providePulumi(setting())).source, "toolchain");
  });

  it("takes plugins from the toolchain where Pulumi is there and they cannot be downloaded", async () => {
    box.fake("pulumi", pulumiOf("3.259.0", false));
    box.fake("pulumi-language-nodejs", "");
    assert.equal((await providePulumi(setting())).source, "PATH");
    assert.ok(existsSync(plugin("resource-random-v4.21.2")));
  });

  it("is never our own shim", async () => {
    box.fake("curl", NO_NETWORK);
    const shim = join(box.root, ".mcp", "bin");
    mkdirSync(shim, { recursive: true });
    writeFileSync(join(shim, "pulumi"), "#!/bin/sh\necho v9.0.0\n", { mode: 0o755 });
    writeFileSync(join(shim, "pulumi-language-nodejs"), "#!/bin/sh\n", { mode: 0o755 });
    const env = { ...setting().host.env, PATH: `${shim}:${setting().host.env.PATH}` };
    assert.equal((await providePulumi({ ...setting(), host: { ...setting().host, env } })).source, "toolchain");
  });

  it("stops with exit code 3 and the builder's last word when it cannot be built", async () => {
    box.fake("curl", NO_NETWORK);
    script("build", 'echo "toolchain: the Go module proxy did not answer" >&2; exit 1');
    await assert.rejects(providePulumi(setting()), (error: Failure) => error.exitCode === 3
      && /the Go module proxy did not answer/.test(error.message) && /pulumi\.com\/docs\/install/.test(error.message) && !error.message.includes("\n"));
  });

  it("gets Python's pip for the build where neither Go nor pip is there", async () => {
    box.fake("curl", NO_NETWORK);
    box.fake("apt-get", "exit 0");
    box.fake("python3", "exit 1");
    const { rmSync } = await import("node:fs");
    rmSync(join(box.bin, "go"));
    await providePulumi(setting());
    assert.ok(box.calls().includes("apt-get -q install -y --no-install-recommends python3-pip"));
  });

  it("compares versions by their numbers", () => {
    assert.ok(atLeast("3.259.0", "3.259.0") && atLeast("3.260.0", "3.259.9") && atLeast("4.0.0", "3.259.0") && atLeast("3.259.1-alpha.1", "3.259.0"));
    assert.ok(!atLeast("3.99.0", "3.259.0") && !atLeast("2.300.0", "3.259.0"));
  });
});
