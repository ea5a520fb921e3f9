import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { makeFixture, type Fixture } from "../testing/fixture.ts";
import { forgetRepository } from "./forget-repository.ts";
import { indexRepository } from "./index-repository.ts";

describe("forget_repository", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => { fixture = await makeFixture(); });
  afterEach(() => fixture.remove());

  it("forgets one repository and says how many files it had; repeating it is no error", async () => {
    await fixture.write({ a: "1", b: "2" });
    await callAction(indexRepository, fixture.deps, { name: "one" });
    await callAction(indexRepository, fixture.deps, { name: "other" });
    assert.deepEqual(await callAction(forgetRepository, fixture.deps, { name: "one" }), { repository: "one", known: true, files: 2 });
    assert.deepEqual([...fixture.store.repositories.keys()], ["other"]);
    assert.deepEqual(await callAction(forgetRepository, fixture.deps, { name: "one" }), { repository: "one", known: false, files: 0 });
  });
});
