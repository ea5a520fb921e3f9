import assert from "node:assert/strict";
import type { Failure } from "../system/failure.ts";
import { targetsFor } from "./dev.ts";
import { quote } from "./env.ts";
import { VERBS } from "./index.ts";
import { parseScale } from "./scale.ts";
import { readInput } from "./task.ts";

const refuses = (run: () => unknown, pattern: RegExp) =>
  assert.throws(run, (error: Failure) => error.exitCode === 2 && pattern.test(error.message));

describe("verbs", () => {
  it("are all of the contract's", () => {
    const names = VERBS.map(({ name }) => name);
    for (const name of ["up", "down", "preview", "check", "status", "outputs", "logs", "restart", "scale", "task", "dev", "env", "doctor", "new", "test"]) {
      assert.ok(names.includes(name), name);
    }
  });

  it("scale takes name=number and nothing else", () => {
    assert.deepEqual(parseScale("code-indexer=3"), ["code-indexer", 3]);
    for (const word of ["code-indexer", "=3", "a=", "a=-1", "a=x", "A=1"]) refuses(() => parseScale(word), /name=number/);
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
