import assert from "node:assert/strict";
import { pathsOf } from "../system/paths.ts";
import { testFiles } from "./files.ts";

describe("test files", () => {
  const { fast, live } = testFiles(pathsOf({}).root);

  it("are all fast but those that run containers or a real Pulumi", () => {
    assert.ok(fast.includes("ops/testing/files.test.ts") && fast.includes("test/launcher/docker.test.ts"));
    assert.ok(live.includes("test/toolchain/deploy.test.ts") && live.includes("test/program/policy/preview.test.ts"));
    assert.ok(fast.includes("test/program/stack.test.ts"));
    assert.ok(fast.every((file) => !live.includes(file) && !file.startsWith("test/live/") && !file.includes("node_modules") && !file.startsWith("templates/")));
  });

  it("begin with those that take longest", () => {
    assert.ok(fast[0]!.startsWith("test/"));
    assert.ok(fast.indexOf("test/architecture/types.test.ts") < fast.indexOf("ops/testing/files.test.ts"));
  });
});
