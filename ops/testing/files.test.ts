import assert from "node:assert/strict";
import { pathsOf } from "../system/paths.ts";
import { testFiles } from "./files.ts";

describe("test files", () => {
  const { fast, live } = testFiles(pathsOf({}).root);

  it("are all fast but those under test/live", () => {
    assert.ok(fast.includes("ops/testing/files.test.ts") && fast.includes("test/launcher/docker.test.ts"));
    assert.ok(live.length > 0 && live.every((file) => file.startsWith("test/live/")));
    assert.ok(fast.every((file) => !file.startsWith("test/live/") && !file.includes("node_modules") && !file.startsWith("templates/")));
  });

  it("begin with those that take longest", () => {
    assert.ok(fast[0]!.startsWith("test/"));
    assert.ok(fast.indexOf("test/architecture/types.test.ts") < fast.indexOf("ops/testing/files.test.ts"));
  });
});
