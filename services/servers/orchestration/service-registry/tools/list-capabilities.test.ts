import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { HealthBook } from "../health.ts";
import { aServer, anAgent, MemoryRegistry } from "../testing.ts";
import { listCapabilities } from "./list-capabilities.ts";

describe("list_capabilities", () => {
  const deps = {
    registry: new MemoryRegistry(
      aServer("toolbox", { capabilities: ["hash_data", "encode_abi"] }), aServer("toolbox", { capabilities: ["hash_data", "encode_abi"] }, 2), aServer("bench", { capabilities: ["encode_abi"] }),
      anAgent("builder", 1, { capabilities: ["build", "echo"] }), anAgent("admin", 1, { capabilities: ["echo"] }),
    ),
    health: new HealthBook(async () => ({ ready: true, missing: [], latencyMs: 0 })),
  };

  it("counts the instances that have each capability", async () => {
    const { capabilities } = await callTool(listCapabilities, deps, {});
    assert.deepEqual(capabilities.map(({ capability, kind, providers }) => [capability, kind, providers.map(({ service, instances }) => `${service} ${instances}`).join()]), [
      ["build", "agent", "builder 1"], ["echo", "agent", "admin 1,builder 1"], ["encode_abi", "server", "bench 1,toolbox 2"], ["hash_data", "server", "toolbox 2"],
    ]);
  });

  it("filters by kind and by part of the name", async () => {
    const names = async (input: Record<string, unknown>) => (await callTool(listCapabilities, deps, input)).capabilities.map(({ capability }) => capability);
    assert.deepEqual(await names({ kind: "agent" }), ["build", "echo"]);
    assert.deepEqual(await names({ contains: "_A" }), ["encode_abi"]);
    assert.deepEqual(await names({ contains: "nothing" }), []);
  });
});
