import assert from "node:assert/strict";
import type { Failure } from "../system/failure.ts";
import { targetsFor } from "./dev.ts";
import { quote } from "./env.ts";
import { VERBS } from "./index.ts";
import { parseScale, parseSeconds, queueTable } from "./scale.ts";
import { readInput } from "./task.ts";

const refuses = (run: () => unknown, pattern: RegExp) =>
  assert.throws(run, (error: Failure) => error.exitCode === 2 && pattern.test(error.message));

describe("verbs", () => {
  it("are all of the contract's", () => {
    const names = VERBS.map(({ name }) => name);
    for (const name of ["up", "down", "preview", "check", "status", "outputs", "logs", "restart", "scale", "task", "demo", "dev", "devnet", "env", "doctor", "new", "test"]) {
      assert.ok(names.includes(name), name);
    }
  });

  it("scale takes name=number and nothing else", () => {
    assert.deepEqual(parseScale("code-indexer=3"), ["code-indexer", 3]);
    for (const word of ["code-indexer", "=3", "a=", "a=-1", "a=x", "A=1"]) refuses(() => parseScale(word), /name=number/);
  });

  it("scale tells what waits, and the very word that follows the suggestion", () => {
    const queue = { type: "builder", instances: 2, capacity: 4, pending: 30, active: 8, dead: 1, oldestPendingSeconds: 42.4, startedPerSecond: 0.5 };
    const lines = queueTable([
      { ...queue, suggestion: { replicas: 3, reason: "tasks wait 42 s, 34 of them" } },
      { ...queue, type: "admin", pending: 0, suggestion: { replicas: 2, reason: "tasks wait less than 1 s" } },
    ]).split("\n");
    assert.match(lines[1]!, /^builder +2 +4 +30 +8 +1 +42 s +0\.5 +builder=3: tasks wait 42 s, 34 of them$/);
    assert.match(lines[2]!, /as it is: tasks wait less than 1 s$/);
  });

  it("scale takes whole seconds for draining", () => {
    assert.equal(parseSeconds("0"), 0);
    for (const word of ["", "-1", "1m", "1.5"]) refuses(() => parseSeconds(word), /number of seconds/);
  });

  it("task takes a JSON object as input", () => {
    assert.deepEqual(readInput('{"a": 1}'), { a: 1 });
    assert.deepEqual(readInput(undefined), {});
    refuses(() => readInput("{"), /no JSON/);
    refuses(() => readInput("[1]"), /must be a JSON object/);
    refuses(() => readInput("@/does/not/exist"), /cannot be read/);
  });

  it("env quotes words for the shell", () => {
    assert.equal(quote("it's a $path"), "'it'\\''s a $path'");
  });

  it("dev aims at the containers of a service and at their images, bases included", () => {
    const image = (urn: string, dependencies: string[] = []) => ({ urn, type: "docker:index/remoteImage:RemoteImage", dependencies });
    const resources = [
      image("base"), image("toolbox-image", ["base"]), image("other-image", ["base"]),
      { urn: "net", type: "docker:index/network:Network", id: "n" },
      { urn: "toolbox", type: "docker:index/container:Container", id: "1", dependencies: ["net", "toolbox-image"] },
      { urn: "other", type: "docker:index/container:Container", id: "2", dependencies: ["net", "other-image"] },
    ];
    assert.deepEqual(targetsFor(resources, ["1"]), ["toolbox-image", "base", "toolbox"]);
  });
});
