import assert from "node:assert/strict";
import fc from "fast-check";
import type { StateResource } from "../stack/state-files.ts";
import { drifted, type ContainerFacts, type EngineFacts } from "./drift.ts";

const resource = (type: string, name: string, id: string, outputs: Record<string, unknown> = {}): StateResource =>
  ({ type: `docker:index/${type}`, urn: `urn:pulumi:dev::mcp::${type}::${name}`, id, outputs });
const RESOURCES = [
  resource("container:Container", "toolbox-1-container", "c1", {
    memory: 160, memorySwap: 160, cpus: "0.5", restart: "unless-stopped", networksAdvanced: [{ name: "mcpnet" }],
  }),
  resource("network:Network", "network-bridge", "n1"),
  resource("volume:Volume", "volumes-redis-data", "redis-data", { name: "redis-data" }),
  resource("remoteImage:RemoteImage", "toolbox-image-build", "sha256:1mcp/toolbox:abc", { name: "mcp/toolbox:abc", imageId: "sha256:1" }),
  { type: "mcp:index:Service", urn: "urn:pulumi:dev::mcp::mcp:index:Service::toolbox-1" },
];
const CONTAINER: ContainerFacts = { running: true, memory: 160 * 2 ** 20, memorySwap: 160 * 2 ** 20, nanoCpus: 5e8, restart: "unless-stopped", networks: ["mcpnet"] };
const engine = (changes: Partial<EngineFacts> = {}): EngineFacts => ({
  containers: new Map([["c1", CONTAINER]]), networks: new Set(["n1"]), volumes: new Set(["redis-data"]), images: new Map([["mcp/toolbox:abc", "sha256:1"]]), ...changes,
});
const container = (changes: Partial<ContainerFacts>): EngineFacts => engine({ containers: new Map([["c1", { ...CONTAINER, ...changes }]]) });

describe("drift", () => {
  it("is none where the engine has all as the state says, and more that is not ours", () => {
    assert.deepEqual(drifted(RESOURCES, engine({ networks: new Set(["n0", "n1"]) })), []);
    assert.deepEqual(drifted([], engine()), []);
  });

  const cases: [what: string, EngineFacts, string][] = [
    ["a container that is gone", engine({ containers: new Map() }), "toolbox-1-container"],
    ["one that stands still", container({ running: false }), "toolbox-1-container"],
    ["another memory limit", container({ memory: 2 ** 20 }), "toolbox-1-container"],
    ["another swap limit", container({ memorySwap: -1 }), "toolbox-1-container"],
    ["other processors", container({ nanoCpus: 1e9 }), "toolbox-1-container"],
    ["another restart policy", container({ restart: "no" }), "toolbox-1-container"],
    ["a network more", container({ networks: ["bridge", "mcpnet"] }), "toolbox-1-container"],
    ["a network less", container({ networks: [] }), "toolbox-1-container"],
    ["a network that was made anew", engine({ networks: new Set(["n2"]) }), "network-bridge"],
    ["a volume that is gone", engine({ volumes: new Set() }), "volumes-redis-data"],
    ["an image that was pruned", engine({ images: new Map() }), "toolbox-image-build"],
    ["a tag on another image", engine({ images: new Map([["mcp/toolbox:abc", "sha256:2"]]) }), "toolbox-image-build"],
  ];
  for (const [what, found, name] of cases) {
    it(`is ${what}`, () => assert.deepEqual(drifted(RESOURCES, found), [name]));
  }

  it("is every resource of a kind that is not known, since Pulumi then has to look", () => {
    assert.deepEqual(drifted([resource("secret:Secret", "s", "1")], engine()), ["s"]);
  });

  it("is not a matter of the order of networks", () => {
    fc.assert(fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/)), (names) => {
      const state = [resource("container:Container", "c", "c1", { ...RESOURCES[0]!.outputs, networksAdvanced: names.map((name) => ({ name })) })];
      assert.deepEqual(drifted(state, container({ networks: names.toReversed() })), []);
    }));
  });
});
