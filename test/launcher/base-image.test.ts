import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseImage, debianMirror } from "../../ops/prerequisites/base-image.ts";
import type { Failure } from "../../ops/system/failure.ts";
import { Sandbox } from "./fakes.ts";

/** An engine that has the image once it was pulled or imported, and a registry that answers as told. */
const engine = (pull: string) => `case "$1" in
  image) [ -e "$state/image" ] && echo sha256:0123456789abcdef || { echo "No such image" >&2; exit 1; } ;;
  pull) ${pull} ;;
  import) touch "$state/image"; echo sha256:0123456789abcdef ;;
esac`;
const NO_REGISTRY = 'echo "Error response from daemon: no such host" >&2; exit 1';
const DEBOOTSTRAP = `for tree in "$@"; do case "$tree" in /*root) break ;; esac; done
mkdir -p "$tree/etc/dpkg/dpkg.cfg.d" "$tree/etc/apt/apt.conf.d" "$tree/usr/share/doc/x" "$tree/var/lib/apt/lists" "$tree/var/cache/apt"
echo trixie >"$tree/etc/debian_version"`;

describe("prerequisite base image", () => {
  let box: Sandbox;
  beforeEach(() => { box = new Sandbox(); });
  afterEach(() => { box.remove(); });
  const called = (program: string) => box.calls().filter((call) => call.startsWith(program));
  const refusal = async (host = {}) => {
    try { await baseImage.provide(box.setting(host)); } catch (error) { return error as Failure; }
    throw new Error("provided");
  };

  it("that the engine has is used as it is", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    writeFileSync(join(box.folder, "image"), "");
    await baseImage.provide(box.setting());
    assert.equal(called("docker pull").length, 0);
    assert.deepEqual(await baseImage.check(box.setting()), { state: "found", what: "debian:trixie-slim 0123456789ab" });
  });

  it("is pulled where a registry answers", async () => {
    box.fake("docker", engine('touch "$state/image"; echo "Status: Downloaded"'));
    box.fake("debootstrap", "exit 1");
    await baseImage.provide(box.setting());
    assert.deepEqual([called("docker pull"), called("debootstrap")], [["docker pull debian:trixie-slim"], []]);
  });

  it("is made with debootstrap where none does, and kept for the next engine", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    box.fake("debootstrap", DEBOOTSTRAP);
    box.fake("apt-get", 'echo "Debian bookworm http://mirror.example/debian/"');
    await baseImage.provide(box.setting());
    assert.match(called("debootstrap")[0]!, /--variant=minbase trixie \S+\/root http:\/\/mirror\.example\/debian\//);
    const cache = join(box.setting().paths.cache, "base");
    assert.equal(readdirSync(cache).length, 1);
    assert.match(readdirSync(cache)[0]!, /^debian-trixie-slim-\w+-[0-9a-f]{64}\.tar\.gz$/);
    // Another checkout, another engine, the same user.
    box.fake("docker", engine(NO_REGISTRY).replaceAll("$state/image", "$state/other-image"));
    await baseImage.provide(box.setting());
    assert.equal(called("debootstrap").length, 1);
    assert.ok(existsSync(join(box.folder, "other-image")));
  });

  it("is made anew when the kept copy is damaged", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    box.fake("debootstrap", DEBOOTSTRAP);
    await baseImage.provide(box.setting());
    const cache = join(box.setting().paths.cache, "base");
    writeFileSync(join(cache, readdirSync(cache)[0]!), "cut short");
    box.fake("docker", engine(NO_REGISTRY).replaceAll("$state/image", "$state/other-image"));
    await baseImage.provide(box.setting());
    assert.equal(called("debootstrap").length, 2);
  });

  it("installs debootstrap where it is missing, with Debian's keys on Ubuntu", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    box.fake("apt-get", `case "$*" in *install*) printf '%s\\n' '#!/bin/sh' >"$state/bin/debootstrap"; cat >>"$state/bin/debootstrap" <<'END'\n${DEBOOTSTRAP}\nEND\n/bin/chmod +x "$state/bin/debootstrap";; esac`);
    await baseImage.provide(box.setting({ distribution: "ubuntu" }));
    assert.ok(called("apt-get").includes("apt-get -q install -y --no-install-recommends debootstrap debian-archive-keyring"));
    assert.ok(existsSync(join(box.folder, "image")));
  });

  it("stops with the remedy in one line without root", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    const failure = await refusal({ uid: 1000 });
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /docker pull debian:trixie-slim.*docker load/);
    assert.ok(!failure.message.includes("\n"));
  });

  it("shows the end of what debootstrap said when it fails", async () => {
    box.fake("docker", engine(NO_REGISTRY));
    box.fake("debootstrap", 'echo "E: Release signed by unknown key" >&2; exit 1');
    const failure = await refusal();
    assert.equal(failure.exitCode, 1);
    assert.match(failure.message, /Release signed by unknown key/);
  });

  it("takes the machine's own Debian mirror, not that of security or of another origin", () => {
    assert.equal(debianMirror([
      "Node noble http://node.example/", "Debian bookworm-security http://mirror.example/debian-security/",
      "Debian bookworm http://mirror.example/debian/",
    ].join("\n")), "http://mirror.example/debian/");
    assert.equal(debianMirror("Ubuntu noble http://ubuntu.example/ubuntu/\n"), "");
  });
});
