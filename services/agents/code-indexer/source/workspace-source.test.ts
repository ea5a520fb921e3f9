import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blobSha1 } from "../extract/extract.ts";
import { makeFixture, type Fixture } from "../testing/fixture.ts";
import { openWorkspace } from "./workspace-source.ts";

describe("openWorkspace", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => { fixture = await makeFixture(); });
  afterEach(() => fixture.remove());

  const open = (root = fixture.repository) => openWorkspace(fixture.deps.git, root, 10_000, new AbortController().signal);
  const paths = async (root?: string): Promise<string[]> => (await open(root)).files.map(({ path }) => path);

  it("sees what is not committed, and not what git ignores or what was deleted", async () => {
    await fixture.write({ ".gitignore": "out/\n*.log\n", "kept.ts": "1", "deleted.ts": "2", "changed.ts": "3" });
    const commit = fixture.commit();
    await fixture.write({ "new dir/naïve.ts": "4", "changed.ts": "5", "out/built.js": "6", "a.log": "7" });
    await rm(join(fixture.repository, "deleted.ts"));
    const source = await open();
    assert.deepEqual(source.files.map(({ path, sha1 }) => [path, sha1]), [
      [".gitignore", blobSha1(Buffer.from("out/\n*.log\n"))],
      ["changed.ts", blobSha1(Buffer.from("5"))],
      ["kept.ts", blobSha1(Buffer.from("1"))],
      ["new dir/naïve.ts", blobSha1(Buffer.from("4"))],
    ]);
    assert.equal(source.commit, commit);
    assert.equal((await source.read(source.files[1]!))!.toString(), "5");
  });

  it("names content as git does", async () => {
    await fixture.write({ "a.ts": "hello\n" });
    fixture.commit();
    assert.equal((await open()).files[0]!.sha1, fixture.git("rev-parse", "HEAD:a.ts"));
  });

  it("works before the first commit", async () => {
    await fixture.write({ "a.ts": "1" });
    const source = await open();
    assert.deepEqual([source.commit, source.files.map(({ path }) => path)], [null, ["a.ts"]]);
  });

  it("walks a folder that is no checkout, without packages and dot-git", async () => {
    const plain = join(fixture.folder, "plain");
    for (const folder of ["src/deep", "node_modules/x"]) await mkdir(join(plain, folder), { recursive: true });
    await writeFile(join(plain, "src/deep/a.ts"), "1");
    await writeFile(join(plain, "node_modules/x/i.js"), "2");
    await writeFile(join(plain, "b.md"), "3");
    assert.deepEqual(await paths(plain), ["b.md", "src/deep/a.ts"]);
  });

  it("follows no symbolic link, neither of a file nor of a folder that has become one", async () => {
    await fixture.write({ "dir/passwd": "mine", f: "1" });
    fixture.commit();
    await rm(join(fixture.repository, "dir"), { recursive: true });
    await symlink("/etc", join(fixture.repository, "dir"));
    await symlink("/etc/hostname", join(fixture.repository, "link"));
    const source = await open();
    assert.deepEqual(source.files.map(({ path }) => path), ["f"]);
    assert.equal(source.passed.unreadable, 1, "dir/passwd is tracked and leads out of the workspace");
    assert.equal(source.passed.symlink, 2);
  });

  it("does not let the workspace's git configuration run programs", async () => {
    await fixture.write({ f: "1" });
    fixture.commit();
    const marker = join(fixture.folder, "ran");
    fixture.git("config", "core.fsmonitor", `touch ${marker}; false`);
    await open();
    await assert.rejects(rm(marker), { code: "ENOENT" });
  });

  it("lists a file beyond the limit without reading it", async () => {
    await fixture.write({ big: "x".repeat(10_001), fits: "x".repeat(10_000) });
    const { files } = await open();
    assert.deepEqual(files.map(({ sizeBytes }) => sizeBytes), [10_001, 10_000]);
    assert.notEqual(files[0]!.sha1, blobSha1(Buffer.from("x".repeat(10_001))));
  });

  it("says that nothing is mounted", async () => {
    await assert.rejects(open(join(fixture.folder, "nothing")), { name: "UserFault", message: /No workspace is mounted at .* Set mcp:workspace/ });
  });
});
