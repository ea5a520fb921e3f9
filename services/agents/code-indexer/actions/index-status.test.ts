import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { makeFixture, type Fixture } from "../testing/fixture.ts";
import { indexRepository } from "./index-repository.ts";
import { indexStatus } from "./index-status.ts";

describe("index_status", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
    await fixture.write({ "a.ts": "1", "b.ts": "2" });
    await callAction(indexRepository, fixture.deps, { name: "one" });
    await callAction(indexRepository, fixture.deps, { name: "two", paths: ["a.ts"] });
  });
  afterEach(() => fixture.remove());

  it("lists every repository with its size, and the sum", async () => {
    const { repositories, totals } = await callAction(indexStatus, fixture.deps, {});
    assert.deepEqual(repositories.map(({ name, files, paths }) => [name, files, paths]), [["one", 2, []], ["two", 1, ["a.ts"]]]);
    assert.deepEqual([totals.repositories, totals.blobs], [2, 2]);
    assert.deepEqual(repositories[0]!.lastRun!["files"], { total: 2, indexed: 2, reused: 0 });
  });

  it("shows one by name, and says how to find the names", async () => {
    const { repositories } = await callAction(indexStatus, fixture.deps, { name: "two" });
    assert.deepEqual(repositories.map(({ name }) => name), ["two"]);
    await assert.rejects(callAction(indexStatus, fixture.deps, { name: "three" }), /no repository "three"\. Call index_status without a name/);
  });
});
