import assert from "node:assert/strict";
import { checkFilters } from "./filters.ts";
import { fakeIndex, REPOSITORY_NAMES } from "./testing.ts";

const LANGUAGES = "SELECT b.language, count(*)";
const index = (passing: number) => fakeIndex({
  [REPOSITORY_NAMES]: [{ name: "app" }, { name: "lib" }],
  [LANGUAGES]: [{ language: "Solidity", files: 3, passing }, { language: "Go", files: 1, passing: 1 }],
});

describe("checkFilters", () => {
  it("says how to index when nothing is", async () => {
    await assert.rejects(checkFilters(fakeIndex({ [REPOSITORY_NAMES]: [] }), {}), /code-indexer index_repository/);
  });
  it("names the filter that leaves nothing, and what there is", async () => {
    await assert.rejects(checkFilters(index(1), { repository: "nope" }), /"nope" is indexed.*app, lib/);
    await assert.rejects(checkFilters(index(1), { language: "Rust" }), /"Rust".*Solidity, Go/);
    await assert.rejects(checkFilters(index(0), { path: "src", language: "solidity" }), /path "src" in solidity/);
  });
  it("lets pass what leaves something to search", async () => {
    await checkFilters(index(1), { repository: "lib", path: "src", language: "solidity" });
  });
});
