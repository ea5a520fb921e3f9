import assert from "node:assert/strict";
import { afterEach, beforeEach, it } from "mocha";
import { indexRepository } from "../../../services/agents/code-indexer/actions/index-repository.ts";
import { indexStatus } from "../../../services/agents/code-indexer/actions/index-status.ts";
import { forgetRepository } from "../../../services/agents/code-indexer/actions/forget-repository.ts";
import type { ExtractedBlob } from "../../../services/agents/code-indexer/extract/extract.ts";
import { blobKey } from "../../../services/agents/code-indexer/store/index-store.ts";
import { PostgresStore } from "../../../services/agents/code-indexer/store/postgres-store.ts";
import { makeFixture, type Fixture } from "../../../services/agents/code-indexer/testing/fixture.ts";
import { callAction } from "../../../services/kit/testing.ts";
import { READER, type AgentsRig } from "./rig.ts";

const OWNER = "agent:code-indexer";
const signal = new AbortController().signal;

export function codeIndexCases(rig: AgentsRig): void {
  let fixture: Fixture;
  let deps: Fixture["deps"];
  beforeEach(async () => {
    fixture = await makeFixture();
    deps = { ...fixture.deps, store: new PostgresStore(rig.pool(OWNER)) };
  });
  afterEach(async () => {
    await fixture.remove();
    await rig.empty("code_index", OWNER);
  });

  const index = (input: object = {}, options = {}) => callAction(indexRepository, deps, input, options);
  const rows = async <T extends object>(sql: string, values: unknown[] = [], identity = READER): Promise<T[]> => (await rig.pool(identity).query<T>(sql, values)).rows;
  /** As code-search asks: best first. */
  const search = async (typed: string, any = false): Promise<string[]> => (await rows<{ hit: string }>(
    `select f.path || ':' || c.start_line || '-' || c.end_line as hit
       from code_index.chunks c join code_index.files f using (blob_id), code_index.query($1, $2) q
      where c.search @@ q order by ts_rank(c.search, q) desc, f.path, c.ordinal`, [typed, any])).map(({ hit }) => hit);

  it("makes what it indexed searchable for a reader: text, identifiers by their parts, symbols, lines", async () => {
    const pool = ["function quoteLoanFee(amountWei) {", "  return amountWei * premium_bps;", "}"].join("\n");
    await fixture.write({ "src/pool.js": `${pool}\n`, "docs/fees.md": "Who calls quoteLoanFee pays a fee.\n", "other.js": "function nothing() {}\n" });
    const answer = await index();
    assert.deepEqual([answer.files.indexed, answer.symbols], [3, 2]);
    for (const typed of ["quoteLoanFee", "quote_loan_fee", "QuoteLoanFee", "loanFee", "quote fee", "quoteLoan*"]) {
      assert.equal((await search(typed))[0], "src/pool.js:1-3", typed);
    }
    assert.deepEqual(await search("premiumBps"), ["src/pool.js:1-3"]);
    assert.deepEqual(await search("loan quote_x"), []);
    assert.deepEqual((await search("nothing pays", true)).sort(), ["docs/fees.md:1-1", "other.js:1-1"]);
    assert.deepEqual(await rows("select name, kind, line, end_line, signature from code_index.symbols where folded = code_index.fold('quote_loan_fee')"),
      [{ name: "quoteLoanFee", kind: "function", line: 1, end_line: 3, signature: "function quoteLoanFee(amountWei) {" }]);
    assert.deepEqual(await rows("select code_index.lines(b.content, 2, 9) as text from code_index.blobs b join code_index.files f on f.blob_id = b.id where f.path = 'src/pool.js'"),
      [{ text: "  return amountWei * premium_bps;\n}\n" }]);
  });

  it("ranks the place that defines a name above those that use it", async () => {
    await fixture.write({ "a-uses.js": `${"settle();\n".repeat(3)}`, "z-defines.js": "function settle() {}\n" });
    await index();
    assert.deepEqual((await search("settle")), ["z-defines.js:1-1", "a-uses.js:1-3"]);
  });

  it("does not let a reader change the index", async () => {
    await assert.rejects(rows("delete from code_index.repositories"), /permission denied/);
  });

  it("writes nothing for the same tree, and follows what changed", async () => {
    await fixture.write({ "same.ts": "1", "changed.ts": "2", "gone.ts": "3" });
    await index();
    const stamps = () => rows("select id, created_at, xmin::text from code_index.blobs order by id");
    const before = await stamps();
    const again = await index();
    assert.deepEqual([again.unchanged, again.files.reused, await stamps()], [true, 3, before]);

    await fixture.write({ "changed.ts": "two", ".gitignore": "gone.ts\n" });
    assert.deepEqual((await index()).files, { total: 3, indexed: 2, reused: 1, added: 1, changed: 1, removed: 1 });
    assert.deepEqual(await rows("select path, content from code_index.files join code_index.blobs b on b.id = blob_id order by path"),
      [{ path: ".gitignore", content: "gone.ts\n" }, { path: "changed.ts", content: "two" }, { path: "same.ts", content: "1" }]);
    assert.equal((await rows("select from code_index.blobs")).length, 3, "blobs that no file names are gone");
  });

  it("keeps a blob as long as one repository has it", async () => {
    await fixture.write({ "a.ts": "shared", "b.ts": "mine" });
    fixture.commit();
    await index({ name: "one" });
    await index({ url: `file://${fixture.repository}`, name: "two", paths: ["a.ts"] });
    assert.deepEqual(await callAction(forgetRepository, deps, { name: "one" }), { repository: "one", known: true, files: 2 });
    assert.deepEqual(await rows("select content from code_index.blobs"), [{ content: "shared" }]);
    assert.deepEqual(await callAction(forgetRepository, deps, { name: "one" }), { repository: "one", known: false, files: 0 });
  });

  it("shows readers the old tree until the new one is whole, and goes on after a crash where it was", async () => {
    await fixture.write({ "old.ts": "old" });
    await index();
    await fixture.write(Object.fromEntries(Array.from({ length: 450 }, (_, n) => [`new/${n}.ts`, `export const n${n} = ${n};`])));
    const store = deps.store;
    let batches = 0;
    let seen = -1;
    deps.store = {
      forget: (name, when) => store.forget(name, when),
      status: (name) => store.status(name),
      totals: () => store.totals(),
      run: (name, when, work) => store.run(name, when, (run) => work({
        before: run.before,
        knownBlobs: (keys) => run.knownBlobs(keys),
        commitTree: (record, files, lastRun) => run.commitTree(record, files, lastRun),
        saveBlobs: async (blobs) => {
          if (++batches === 2) {
            seen = (await rows("select from code_index.files")).length;
            await rig.sql(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${0x636f6465} and objid <> 0`);
          }
          return run.saveBlobs(blobs);
        },
      })),
    };
    await assert.rejects(index(), /terminat|Connection|not queryable/i);
    deps.store = store;
    assert.deepEqual([seen, (await rows("select from code_index.files")).length], [1, 1], "readers have the old tree all the time");
    const stored = (await rows("select from code_index.blobs")).length - 1;
    assert.equal(stored, 200, "the batch that was whole is kept");
    assert.equal((await rows("select from code_index.blobs b where not exists (select from code_index.chunks c where c.blob_id = b.id)")).length, 0, "none without its chunks");
    const answer = await index();
    assert.deepEqual([answer.files.total, answer.files.reused], [451, 201]);
  });

  it("lets two runs of one repository follow one another, and runs of different ones go side by side", async () => {
    await fixture.write(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${n}.ts`, `export const n${n} = 1;`])));
    const answers = await Promise.all([index({ name: "x" }), index({ name: "x" }), index({ name: "y" })]);
    const [first, second] = answers.filter(({ repository }) => repository === "x").sort((a, b) => b.files.added - a.files.added);
    assert.deepEqual([first!.files.added, second!.unchanged], [60, true]);
    assert.deepEqual((await callAction(indexStatus, deps, {})).repositories.map(({ name, files, searchableFiles }) => [name, files, searchableFiles]), [["x", 60, 60], ["y", 60, 60]]);
    assert.equal((await rows("select from code_index.blobs")).length, 60);
    assert.equal((await rows("select blob_id, ordinal from code_index.chunks")).length, 60, "no chunk twice");
  });

  it("counts languages, chunks, symbols and bytes in its status", async () => {
    await fixture.write({ "a.ts": "function a() {}\n", "b.md": "# b\n", "c.bin": Buffer.from([0]) });
    await index({ name: "one" });
    const { repositories: [one], totals } = await callAction(indexStatus, deps, { name: "one" });
    assert.deepEqual([one!.files, one!.searchableFiles, one!.languages, one!.chunks, one!.symbols], [3, 2, { TypeScript: 1, Markdown: 1 }, 2, 1]);
    assert.deepEqual([totals.blobs, totals.chunks, totals.symbols, totals.bytes > 8_192], [3, 2, 1, true]);
  });

  it("makes blobs of an older extractor anew", async () => {
    await fixture.write({ "a.ts": "function a() {}\n" });
    await index();
    await rows("update code_index.blobs set extractor = 0", [], OWNER);
    await rows("delete from code_index.symbols", [], OWNER);
    assert.equal((await index()).files.indexed, 1);
    assert.equal((await rows("select from code_index.symbols")).length, 1);
    assert.equal((await rows("select from code_index.chunks")).length, 1);
  });

  it("takes text that is hard on a database", async () => {
    const store = deps.store as PostgresStore;
    const blob = (sha: string, content: string): ExtractedBlob => ({
      sha1: sha.repeat(40), language: "Text", sizeBytes: content.length, skipped: null, content, lineCount: 1, chunks: [{ startLine: 1, endLine: 1 }], symbols: [], parsed: true,
    });
    const blobs = [blob("a", `${"\\'\"$1{}"} \u0001 \uFFFD 😀 naïve_Ünïcode`), blob("b", "x".repeat(9_000)), blob("c", Array.from({ length: 30_000 }, (_, n) => `word${n}`).join(" "))];
    await store.run("odd", signal, async (run) => {
      const ids = await run.saveBlobs(blobs);
      await run.commitTree({ name: "odd", source: "s", requested: null, commit: null, paths: [], tree: "t" }, blobs.map((each, n) => ({ path: `f${n}`, blobId: ids.get(blobKey(each))! })), {});
    });
    assert.deepEqual(await search("naive_unicode naïveÜnïcode", true), ["f0:1-1"]);
    assert.deepEqual(await search("word29"), ["f2:1-1"]);
    assert.deepEqual(await search("'; drop table code_index.files; --"), []);
    assert.equal((await rows<{ content: string }>("select content from code_index.blobs where sha1 like 'a%'"))[0]!.content, (blobs[0] as { content: string }).content);
  });
}
