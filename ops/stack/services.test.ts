import assert from "node:assert/strict";
import type { EngineContainer } from "../system/engine.ts";
import type { Failure } from "../system/failure.ts";
import { named } from "./services.ts";

const container = (name: string, service: string): EngineContainer =>
  ({ id: name, name, state: "running", status: "Up", labels: { "com.docker.compose.service": service }, image: "x", ports: [] });
const all = [container("test-mcp-utils-1", "toolbox"), container("test-mcp-builder-1", "builder"), container("test-mcp-builder-2", "builder"), container("test-redis", "redis")];
const names = (word: string) => named(all, word).map(({ name }) => name);

describe("naming a service", () => {
  it("means all its instances", () => { assert.deepEqual(names("builder"), ["test-mcp-builder-1", "test-mcp-builder-2"]); });
  it("by container means that one, with and without the stack's prefix", () => {
    assert.deepEqual(names("test-mcp-builder-2"), ["test-mcp-builder-2"]);
    assert.deepEqual(names("mcp-builder-2"), ["test-mcp-builder-2"]);
  });
  it("wrongly is answered with what there is", () => {
    assert.throws(() => names("bilder"), (error: Failure) => error.exitCode === 2 && /did you mean "builder"\? Services: builder, redis, toolbox\./.test(error.message));
  });
});
