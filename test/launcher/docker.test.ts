import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { docker } from "../../ops/prerequisites/docker.ts";
import type { Failure } from "../../ops/system/failure.ts";
import { Sandbox } from "./fakes.ts";

/** A client that finds an engine once the file `engine` is there. */
const CLIENT = `[ "$1" = version ] || exit 0
if [ -e "$state/engine" ]; then echo "20.10.24 1.41"; else echo "Cannot connect to the Docker daemon" >&2; exit 1; fi`;

describe("prerequisite docker", () => {
  let box: Sandbox;
  beforeEach(() => { box = new Sandbox(); });
  afterEach(() => { box.remove(); });
  const refusal = async (host = {}) => {
    try { await docker.provide(box.setting(host)); } catch (error) { return error as Failure; }
    throw new Error("provided");
  };

  it("uses an engine that answers, and touches nothing", async () => {
    box.fake("docker", 'echo "28.1.1 1.49"');
    box.fake("dockerd", "exit 1");
    assert.deepEqual(await docker.check(box.setting()), { state: "found", what: "Docker Engine 28.1.1, API 1.49" });
    await docker.provide(box.setting());
    assert.ok(box.calls().every((call) => call.startsWith("docker version")));
  });

  it("asks the engine that DOCKER_HOST names, and never starts another in its place", async () => {
    box.fake("docker", 'echo "error during connect: no route to host $DOCKER_HOST" >&2; exit 1');
    box.fake("dockerd", "touch $state/started");
    const failure = await refusal({ env: { DOCKER_HOST: "tcp://10.0.0.9:2375" } });
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /^no Docker engine answers at DOCKER_HOST=tcp:\/\/10\.0\.0\.9:2375 .*unset DOCKER_HOST/);
    assert.ok(!box.calls().some((call) => call.startsWith("dockerd")));
  });

  it("starts a stopped engine by hand where there is no systemd, and keeps its log", async () => {
    box.fake("docker", CLIENT);
    box.fake("dockerd", 'echo "engine starts"; sleep 0.5; touch "$state/engine"; sleep 5');
    box.fake("systemctl", "exit 1");
    await docker.provide(box.setting());
    assert.ok(!box.calls().some((call) => call.startsWith("systemctl")));
    assert.match(readFileSync(join(box.root, ".mcp", "log", "dockerd.log"), "utf8"), /engine starts/);
  });

  it("removes the process number that a killed engine left and another program has now", async () => {
    box.fake("docker", CLIENT);
    // An engine refuses to start while its old number is in use.
    box.fake("dockerd", '[ -e "$state/docker.pid" ] && exit 1; touch "$state/engine"; sleep 2');
    writeFileSync(join(box.folder, "docker.pid"), String(process.pid));
    await docker.provide(box.setting());
  });

  it("shows the end of the log of an engine that does not start", async () => {
    box.fake("docker", CLIENT);
    box.fake("dockerd", 'echo "failed to mount overlay" >&2; exit 1');
    const failure = await refusal();
    assert.equal(failure.exitCode, 1);
    assert.match(failure.message, /failed to mount overlay/);
  });

  it("starts a stopped engine through systemd where that runs", async () => {
    box.fake("docker", CLIENT);
    box.fake("dockerd", "exit 1");
    box.fake("systemctl", '[ "$*" = "start docker" ] && touch "$state/engine"');
    await docker.provide(box.setting({ systemd: true }));
    assert.deepEqual(box.calls().filter((call) => !call.startsWith("docker ")), ["systemctl start docker"]);
  });

  it("says why systemd does not start it, and where to look", async () => {
    box.fake("docker", CLIENT);
    box.fake("dockerd", "exit 1");
    box.fake("systemctl", 'echo "Unit docker.service is masked." >&2; exit 1');
    const failure = await refusal({ systemd: true });
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /Unit docker\.service is masked\..*systemctl status docker/);
  });

  it("leaves a stopped engine to root, with the command in one line", async () => {
    box.fake("docker", CLIENT);
    box.fake("dockerd", "exit 1");
    for (const [systemd, command] of [[true, "sudo systemctl start docker"], [false, "sudo dockerd &"]] as const) {
      const failure = await refusal({ uid: 1000, systemd });
      assert.equal(failure.exitCode, 3);
      assert.ok(failure.message.includes(command));
      assert.ok(!failure.message.includes("\n"));
    }
  });

  it("installs docker.io where there is a client alone, saying so, then starts it", async () => {
    box.fake("docker", CLIENT);
    box.fake("apt-get", `case "$*" in *install*docker.io*) printf '#!/bin/sh\\ntouch "${box.folder}/engine"; sleep 2\\n' >"$state/bin/dockerd"; chmod +x "$state/bin/dockerd";; esac`.replace("chmod", "/bin/chmod"));
    await docker.provide(box.setting());
    assert.deepEqual(box.calls().filter((call) => call.startsWith("apt-get")), ["apt-get -q update", "apt-get -q install -y --no-install-recommends docker.io"]);
    assert.ok(box.said.some((line) => line.includes("docker.io")));
  });

  it("stops with the remedy in one line where packages cannot be installed", async () => {
    for (const [host, pattern] of [
      [{ uid: 1000 }, /sudo apt-get install -y docker\.io/],
      [{ distribution: "fedora" }, /docs\.docker\.com\/engine\/install/],
      [{}, /sudo apt-get install -y docker\.io/],
    ] as const) {
      const failure = await refusal(host);
      assert.equal(failure.exitCode, 3);
      assert.match(failure.message, pattern);
      assert.ok(!failure.message.includes("\n"));
    }
    assert.deepEqual(box.calls(), []);
  });

  it("passes on why apt-get failed", async () => {
    box.fake("apt-get", 'case "$*" in *install*) echo "E: Unable to locate package docker.io" >&2; exit 100;; esac');
    const failure = await refusal();
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /E: Unable to locate package docker\.io/);
  });

  it("tells a user without rights on the socket how to get them", async () => {
    box.fake("docker", 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1');
    box.fake("dockerd", "exit 1");
    const failure = await refusal({ uid: 1000 });
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /usermod -aG docker/);
  });

  it("does not take an engine that is too old", async () => {
    box.fake("docker", 'echo "19.03.8 1.40"');
    assert.match((await refusal()).message, /Docker Engine 19\.03\.8 is older than 20\.10/);
  });
});
