import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { NothingIndexed } from "../index-database.ts";
import { fakeIndex } from "../testing.ts";
import { listRepositories } from "./list-repositories.ts";

const REPOSITORIES = "FROM code_index.repositories";
const row = {
  name: "lib", source: "https://example.org/lib.git", revision: "c0ffee", requested: "main", paths: ["src"], files: 3, searchableFiles: 2, symbols: 9,
  languages: { Go: 2 }, indexedAt: new Date("2026-01-02T03:04:05Z"), ageSeconds: 60,
};

describe("list_repositories", () => {
  it("needs no input, and gives times in text", async () => {
    const { repositories, hint } = await callTool(listRepositories, fakeIndex({ [REPOSITORIES]: [row] }), undefined);
    assert.deepEqual([repositories, hint], [[{ ...row, indexedAt: "2026-01-02T03:04:05.000Z" }], null]);
  });

  it("answers how to index a first one, also before code-indexer has made its tables", async () => {
    for (const answer of [[], () => { throw new NothingIndexed(); }]) {
      const { repositories, hint } = await callTool(listRepositories, fakeIndex({ [REPOSITORIES]: answer }), {});
      assert.deepEqual(repositories, []);
      assert.match(hint!, /code-indexer index_repository/);
    }
  });
});
