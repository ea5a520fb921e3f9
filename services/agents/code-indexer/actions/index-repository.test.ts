import assert from "node:assert/strict";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { callAction } from "../../../kit/testing.ts";
import { makeFixture, type Fixture } from "../testing/fixture.ts";
import { indexRepository } from "./index-repository.ts";

describe("index_repository", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => { fixture = await makeFixture(); });
  afterEach(() => fixture.remove());

  const index = (input: object = {}, options = {}) => callAction(indexRepository, fixture.deps, input, options);
  const url = (): string => `file://${fixture.repository}`;

  it("indexes the workspace by default: text, passages and symbols of every file", async () => {
    await fixture.write({ "src/pool.ts": "function quote() {}\nfunction fee() {}\n", "README.md": "# Pools\n" });
    const answer = await index();
    assert.deepEqual(answer.files, { total: 2, indexed: 2, reused: 0, added: 2, changed: 0, removed: 0 });
    assert.deepEqual([answer.repository, answer.source, answer.commit, answer.unchanged], ["workspace", "workspace", null, false]);
    assert.deepEqual([answer.chunks, answer.symbols], [2, 2]);
    assert.deepEqual(fixture.store.texts("workspace"), { "README.md": "# Pools\n", "src/pool.ts": "function quote() {}\nfunction fee() {}\n" });
  });

  it("writes nothing the second time, and says so", async () => {
    await fixture.write({ "a.ts": "function a() {}", "b.ts": "function b() {}" });
    await index();
    const writes = { ...fixture.store.writes };
    const again = await index();
    assert.deepEqual([again.unchanged, again.files], [true, { total: 2, indexed: 0, reused: 2, added: 0, changed: 0, removed: 0 }]);
    assert.deepEqual(fixture.store.writes, writes);
  });

  it("reads only what changed, and lets go of what is gone", async () => {
    await fixture.write({ "same.ts": "1", "changed.ts": "2", "gone.ts": "3" });
    await index();
    await fixture.write({ "changed.ts": "two", "new.ts": "4", "copy-of-same.ts": "1" });
    await rm(join(fixture.repository, "gone.ts"));
    const answer = await index();
    assert.deepEqual(answer.files, { total: 4, indexed: 2, reused: 2, added: 2, changed: 1, removed: 1 });
    assert.deepEqual(Object.keys(fixture.store.texts("workspace")).sort(), ["changed.ts", "copy-of-same.ts", "new.ts", "same.ts"]);
  });

  it("counts what has no searchable text, by reason, and remembers it", async () => {
    await fixture.write({ "image.png": Buffer.from([1, 0, 2]), "big.txt": "line\n".repeat(2_001), "app.min.js": "x".repeat(10_000).concat("y"), "ok.ts": "1" });
    fixture.deps.settings.maxFileBytes = 10_004;
    await symlink("ok.ts", join(fixture.repository, "link"));
    const first = await index();
    assert.deepEqual(first.skipped, { symlink: 1, binary: 1, too_large: 1, minified: 1 });
    assert.deepEqual((await index()).skipped, first.skipped);
    assert.equal(fixture.store.texts("workspace")["image.png"], null);
  });

  it("indexes a git URL under the repository's name, at its commit", async () => {
    await fixture.write({ "a.ts": "function a() {}" });
    const commit = fixture.commit();
    const answer = await index({ url: url() });
    assert.deepEqual([answer.repository, answer.source, answer.commit, answer.files.total], ["repository", url(), commit, 1]);
  });

  it("shares blobs between repositories", async () => {
    await fixture.write({ "a.ts": "function a() {}" });
    fixture.commit();
    await index();
    assert.deepEqual((await index({ url: url() })).files, { total: 1, indexed: 0, reused: 1, added: 1, changed: 0, removed: 0 });
  });

  it("restricts itself to paths", async () => {
    await fixture.write({ "src/a.ts": "1", "docs/b.md": "2", "srcx.ts": "3" });
    await index({ paths: ["./src/"] });
    assert.deepEqual(Object.keys(fixture.store.texts("workspace")), ["src/a.ts"]);
  });

  it("does not put another source under a name that is taken", async () => {
    await fixture.write({ "a.ts": "1" });
    fixture.commit();
    await index({ name: "mine" });
    await assert.rejects(index({ url: url(), name: "mine" }), { name: "PermanentError", message: /has "mine" from workspace already\. Give another name, or forget_repository/ });
    assert.deepEqual(Object.keys(fixture.store.texts("mine")), ["a.ts"]);
  });

  it("refuses a tree that is too large, saying how to restrict it", async () => {
    await fixture.write({ a: "1", b: "2" });
    fixture.deps.settings.maxFiles = 1;
    await assert.rejects(index(), { name: "PermanentError", message: /has 2 files, the limit is 1\. Restrict it with paths/ });
  });

  it("refuses contradictions and unknown fields", async () => {
    await assert.rejects(index({ url: url(), workspace: true }), /give url or workspace, not both/);
    await assert.rejects(index({ revision: "main" }), /a revision needs a url/);
    await assert.rejects(index({ uri: url() }), { name: "UserFault" });
    await assert.rejects(index({ paths: ["../x"] }), /outside the repository/);
  });

  it("reports progress that grows, and ends the moment it is cancelled", async () => {
    await fixture.write(Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`f${n}.ts`, `${n}`])));
    const controller = new AbortController();
    const fractions: number[] = [];
    const onProgress = (fraction: number): void => {
      fractions.push(fraction);
      if (fraction > 0.5) controller.abort(new Error("cancelled by test"));
    };
    await assert.rejects(index({}, { signal: controller.signal, onProgress }), /cancelled by test/);
    assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
    assert.equal(fixture.store.repositories.size, 0, "no half tree");
    const after = await index();
    assert.deepEqual([after.files.total, after.files.reused], [250, 200], "the batch that was stored is not read again");
  });

  it("indexes under its new content a file that is written while it is read", async () => {
    await fixture.write({ "a.ts": "old" });
    let first = true;
    const { run } = fixture.store;
    fixture.store.run = (name, signal, work) => run.call(fixture.store, name, signal, (real) => work({
      ...real,
      knownBlobs: async (keys) => {
        if (first) await fixture.write({ "a.ts": "new" });
        first = false;
        return real.knownBlobs(keys);
      },
    })) as never;
    await index();
    assert.deepEqual(fixture.store.texts("workspace"), { "a.ts": "new" });
  });
});
