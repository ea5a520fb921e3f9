import assert from "node:assert/strict";
import { pathsOf } from "../system/paths.ts";
import { testFiles } from "./files.ts";

describe("test files", () => {
  const { fast, stack, parts, faults } = testFiles(pathsOf({}).root);

  it("are all fast but those that run containers or a real Pulumi", () => {
    assert.ok(fast.includes("ops/testing/files.test.ts") && fast.includes("test/launcher/docker.test.ts"));
    assert.ok(parts.includes("test/toolchain/deploy.test.ts") && parts.includes("test/program/policy/preview.test.ts"));
    assert.ok(fast.includes("test/program/stack.test.ts"));
    assert.ok(fast.every((file) => !parts.includes(file) && !stack.includes(file) && !file.startsWith("test/live/") && !file.includes("node_modules") && !file.startsWith("templates/")));
  });

  it("that share a stack are in one list, from its first deployment to its last removal", () => {
    assert.ok(stack.indexOf("test/live/platform/10-deploy.test.ts") < stack.indexOf("test/live/platform/90-down.test.ts"));
    assert.ok(stack.includes("test/live/interruption/interruption.test.ts"));
    assert.ok(parts.includes("test/live/hub/hub.test.ts") && parts.every((file) => !stack.includes(file)));
  });

  it("that break a stack for minutes are in a list of their own, and the tests of what judges them are fast", () => {
    assert.deepEqual(faults, ["test/faults/faults.test.ts"]);
    assert.ok(![...fast, ...stack, ...parts].includes(faults[0]!) && fast.includes("test/faults/checker.test.ts"));
  });

  it("begin with those that take longest", () => {
    assert.ok(fast[0]!.startsWith("test/"));
    assert.ok(fast.indexOf("test/architecture/types.test.ts") < fast.indexOf("ops/testing/files.test.ts"));
  });
});
