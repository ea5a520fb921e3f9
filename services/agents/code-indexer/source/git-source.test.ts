import assert from "node:assert/strict";
import { chmod, readdir, symlink } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { makeFixture, type Fixture } from "../testing/fixture.ts";
import { openGit } from "./git-source.ts";
import type { Source } from "./source.ts";

describe("openGit", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let fixture: Fixture;
  let opened: Source[];
  beforeEach(async () => {
    fixture = await makeFixture();
    opened = [];
  });
  afterEach(async () => {
    for (const source of opened) await source.close();
    await fixture.remove();
  });

  const limits = { maxBytes: 50 * 2 ** 20, timeoutMs: 30_000 };
  async function open(url: string, revision: string | null = null, over: Partial<typeof limits> = {}, signal = new AbortController().signal): Promise<Source> {
    const source = await openGit(fixture.deps.git, await fixture.deps.newScratch(), url, revision, { ...limits, ...over }, signal);
    opened.push(source);
    return source;
  }
  async function texts(source: Source): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const file of source.files) all[file.path] = (await source.read(file))!.toString();
    return all;
  }
  const scratches = async (): Promise<string[]> => (await readdir(fixture.folder)).filter((name) => name.startsWith("scratch-"));

  it("reads the committed files of the default branch, whatever lies in the checkout", async () => {
    await fixture.write({ "a.ts": "function a() {}\n", "dir/b c.md": "# b\n", "empty": "" });
    const commit = fixture.commit();
    await fixture.write({ "a.ts": "changed", "later.ts": "x" });
    const source = await open(`file://${fixture.repository}`);
    assert.equal(source.commit, commit);
    assert.deepEqual(await texts(source), { "a.ts": "function a() {}\n", "dir/b c.md": "# b\n", empty: "" });
  });

  it("reads a branch, a tag or a commit", async () => {
    await fixture.write({ f: "one" });
    const first = fixture.commit();
    fixture.git("tag", "v1");
    fixture.git("config", "uploadpack.allowAnySHA1InWant", "true");
    await fixture.write({ f: "two" });
    fixture.commit();
    assert.deepEqual(await texts(await open(`file://${fixture.repository}`, "main")), { f: "two" });
    assert.deepEqual(await texts(await open(`file://${fixture.repository}`, "v1")), { f: "one" });
    assert.deepEqual(await texts(await open(`file://${fixture.repository}`, first)), { f: "one" });
  });

  it("follows neither symbolic links nor submodules, and counts them", async () => {
    await fixture.write({ f: "x" });
    await symlink("/etc/passwd", join(fixture.repository, "link"));
    const commit = fixture.commit();
    fixture.git("update-index", "--add", "--cacheinfo", `160000,${commit},vendor/lib`);
    fixture.git("commit", "--quiet", "-m", "submodule");
    const source = await open(`file://${fixture.repository}`);
    assert.deepEqual([source.files.map(({ path }) => path), source.passed], [["f"], { symlink: 1, submodule: 1 }]);
  });

  it("runs no hook of the repository and no program of its configuration", async () => {
    await fixture.write({ f: "x", ".gitattributes": "* filter=evil\n" });
    fixture.commit();
    const marker = join(fixture.folder, "ran");
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change"]) {
      await fixture.write({ [`.git/hooks/${hook}`]: `#!/bin/sh\ntouch ${marker}\n` });
      await chmod(join(fixture.repository, `.git/hooks/${hook}`), 0o755);
    }
    fixture.git("config", "filter.evil.smudge", `touch ${marker}; cat`);
    fixture.git("config", "uploadpack.packObjectsHook", `touch ${marker}; exec`);
    assert.deepEqual(Object.keys(await texts(await open(`file://${fixture.repository}`))), [".gitattributes", "f"]);
    assert.ok(!(await readdir(fixture.folder)).includes("ran"));
  });

  it("says which revision there is not, and leaves nothing behind", async () => {
    await fixture.write({ f: "x" });
    fixture.commit();
    await assert.rejects(open(`file://${fixture.repository}`, "nope"), /has no revision "nope"\. Give a branch, a tag/);
    await assert.rejects(open(`file://${fixture.repository}`, "--upload-pack=id"), /is no branch, tag or commit hash/);
    assert.equal((await scratches()).length, 1, "the refused name never got as far as owning its folder");
  });

  it("says that there is no repository", async () => {
    await assert.rejects(open(`file://${fixture.folder}/nothing`), { name: "UserFault", message: /no git repository that can be read/ });
  });

  it("stops at a clone that is too large, naming the limit", async () => {
    await fixture.write({ big: randomBytes(3_000_000) });
    fixture.commit();
    await assert.rejects(open(`file://${fixture.repository}`, null, { maxBytes: 2 ** 20 }), { name: "PermanentError", message: /larger than 1 MiB\. Raise CODE_INDEXER_MAX_CLONE_MIB/ });
    assert.deepEqual(await scratches(), []);
  });

  describe("with a server that never answers", () => {
    let server: ReturnType<typeof createServer>;
    let url: string;
    before((done) => {
      server = createServer(() => {}).listen(0, "127.0.0.1", () => {
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/b.git`;
        done();
      });
    });
    after((done) => {
      server.closeAllConnections();
      server.close(done);
    });

    it("stops at the time limit", async () => {
      await assert.rejects(open(url, null, { timeoutMs: 300 }), { name: "PermanentError", message: /longer than 0\.3 s to fetch/ });
    });
    it("stops when the task is cancelled", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("cancelled by test")), 200);
      await assert.rejects(open(url, null, {}, controller.signal), /cancelled by test/);
      assert.deepEqual(await scratches(), []);
    });
  });
});
