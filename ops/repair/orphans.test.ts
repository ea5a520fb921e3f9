import assert from "node:assert/strict";
import { knownIds, orphans } from "./orphans.ts";

const thing = (id: string, folder?: string) => ({ id, name: id, labels: { "mcp.stack": "dev", ...(folder ? { "mcp.folder": folder } : {}) } });
const exists = (folder: string) => folder !== "/gone";

describe("orphans of an interrupted run", () => {
  it("are what this checkout made and the state does not know", () => {
    assert.deepEqual(orphans([thing("known", "/here"), thing("lost", "/here")], new Set(["known"]), "/here", exists).map(({ id }) => id), ["lost"]);
  });

  it("include what a checkout left that is gone, and nothing of one that is there", () => {
    assert.deepEqual(orphans([thing("a", "/gone"), thing("b", "/there")], new Set(), "/here", exists).map(({ id }) => id), ["a"]);
  });

  it("include networks, which carry no folder", () => {
    assert.deepEqual(orphans([thing("known"), thing("lost")], new Set(["known"]), "/here", exists).map(({ id }) => id), ["lost"]);
  });

  it("are told by the ids of containers and networks in the state, not by those of volumes", () => {
    const resource = (type: string, id: string) => ({ urn: `urn:${id}`, type, id });
    assert.deepEqual([...knownIds([
      resource("docker:index/container:Container", "c"), resource("docker:index/network:Network", "n"),
      resource("docker:index/volume:Volume", "v"), { urn: "urn:x", type: "mcp:index:Service" },
    ])], ["c", "n"]);
  });
});
