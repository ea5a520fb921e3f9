/** code-search over an index that code-indexer has made in a real PostgreSQL, each under its own rights. */
import assert from "node:assert/strict";
import { join } from "node:path";
import pg from "pg";
import { ACCESS_ADMIN, type Store } from "../../../contract/access.ts";
import { passwordKey } from "../../../contract/derive.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { storeUrl } from "../../../plan/environment.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { PostgresAccess } from "../../../services/access/stores/postgres.ts";
import { indexRepository } from "../../../services/agents/code-indexer/actions/index-repository.ts";
import { Ctags } from "../../../services/agents/code-indexer/extract/ctags.ts";
import { PostgresStore } from "../../../services/agents/code-indexer/store/postgres-store.ts";
import { makeFixture, type Fixture } from "../../../services/agents/code-indexer/testing/fixture.ts";
import { Unavailable } from "../../../services/kit/errors.ts";
import { migrate, readMigrations } from "../../../services/kit/migrations.ts";
import { callAction, callTool } from "../../../services/kit/testing.ts";
import type { Deps } from "../../../services/servers/ai-integration/code-search/deps.ts";
import { openIndex } from "../../../services/servers/ai-integration/code-search/index-database.ts";
import { findSymbol } from "../../../services/servers/ai-integration/code-search/tools/find-symbol.ts";
import { getFileOutline } from "../../../services/servers/ai-integration/code-search/tools/get-file-outline.ts";
import { listRepositories } from "../../../services/servers/ai-integration/code-search/tools/list-repositories.ts";
import { readLines } from "../../../services/servers/ai-integration/code-search/tools/read-lines.ts";
import { searchCode } from "../../../services/servers/ai-integration/code-search/tools/search-code.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const INDEXER = "agent:code-indexer";
const SEARCH = "server:code-search";
const POSTGRES: Store = "postgres";

const POOL = `import { toWei } from "./units.ts";

/** A lender. */
export class LendingPool {
  quoteLoanFee(amount: bigint): bigint {
    return (amount * 9n) / 10_000n;
  }
  repay(): void {}
}
`;
const FILES = {
  "src/pool.ts": POOL,
  "src/units.ts": "// The amount that quoteLoanFee wants.\nexport function toWei(text: string): bigint {\n  return BigInt(text);\n}\n",
  "src/http_header.py": "def parse_http_header(line):\n    name, value = line.split(':')\n    return name\n",
  "contracts/Vault.sol": "contract Vault {\n    event LoanTaken(uint256 amount);\n    function flashLoan(uint256 amount) external {\n        emit LoanTaken(amount);\n    }\n}\n",
  "logo.png": Buffer.from([0x89, 0, 1, 2]),
  "long.txt": Array.from({ length: 900 }, (_, index) => `row${index + 1}`).join("\n"),
};

describe("code-search on a real index", function () {
  this.timeout(120_000);
  const runner = new SpecRunner({ prefix: "codesearch-test-" });
  const pools: pg.Pool[] = [];
  let fixture: Fixture;
  let indexer: pg.Pool;
  let deps: Deps;
  let commit: string;

  const url = (identity: string): string => runner.keys.render(storeUrl(POSTGRES, identity)).replace("@postgres:", `@${runner.address(POSTGRES)}:`);
  function poolOf(identity: string): pg.Pool {
    const pool = new pg.Pool({ connectionString: url(identity), max: 2 });
    pool.on("error", () => undefined);
    pools.push(pool);
    return pool;
  }
  const index = (name: string) => callAction(indexRepository, {
    ...fixture.deps, store: new PostgresStore(indexer), newTagger: () => new Ctags(),
  }, { url: `file://${fixture.repository}`, name });

  before(async () => {
    fixture = await makeFixture();
    await runner.setUp();
    await runner.start(infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT)).find(({ name }) => name === POSTGRES)!);
    await runner.ready(POSTGRES, 90_000);
    const access = new PostgresAccess(url(ACCESS_ADMIN.postgres), passwordKey(runner.rootKey));
    await access.prepare();
    await access.apply({ identity: SEARCH, postgres: { reads: ["code_index"], groups: [] } });
    await access.apply({ identity: INDEXER, postgres: { owns: "code_index", reads: [], groups: [] } });
    await access.close();
    indexer = poolOf(INDEXER);
    deps = openIndex(poolOf(SEARCH));
  });
  after(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await runner.tearDown();
    await fixture.remove();
  });

  it("answers how to index before the indexer has ever run, and before it has indexed anything", async () => {
    for (const step of [async () => {}, async () => { await migrate(indexer, "code_index", await readMigrations(new URL("../../../services/agents/code-indexer/migrations/", import.meta.url))); }]) {
      await step();
      const { repositories, hint } = await callTool(listRepositories, deps, {});
      assert.deepEqual(repositories, []);
      assert.match(hint!, /code-indexer index_repository/);
      await assert.rejects(callTool(searchCode, deps, { query: "x" }), /No repository is indexed yet/);
      await assert.rejects(callTool(findSymbol, deps, { name: "x" }), /No repository is indexed yet/);
      await assert.rejects(callTool(readLines, deps, { path: "x" }), /No repository is indexed yet/);
    }
  });

  describe("with two repositories", () => {
    before(async () => {
      await fixture.write(FILES);
      commit = fixture.commit();
      await index("lender");
      await fixture.write({ "src/pool.ts": `${POOL}// fork\n`, "only-here.md": "# Forked\n" });
      fixture.commit();
      await index("fork");
    });

    const search = (input: object) => callTool(searchCode, deps, { repository: "lender", ...input });
    const paths = async (input: object) => (await search(input)).results.map(({ path }) => path);

    it("lists them with revision, counts and age", async () => {
      const { repositories: [fork, lender] } = await callTool(listRepositories, deps, {});
      assert.deepEqual([fork!.name, fork!.files, lender!.name, lender!.files, lender!.searchableFiles], ["fork", 7, "lender", 6, 5]);
      assert.equal(lender!.revision, commit);
      assert.notEqual(fork!.revision, commit);
      assert.deepEqual(lender!.languages, { TypeScript: 2, Python: 1, Solidity: 1, Text: 1 });
      assert.ok(lender!.symbols >= 7, String(lender!.symbols));
      assert.ok(lender!.ageSeconds! >= 0 && lender!.ageSeconds! < 120 && Date.parse(lender!.indexedAt!) > 0);
    });

    it("puts the definition before what only uses its name, however it is written", async () => {
      for (const query of ["quoteLoanFee", "quote_loan_fee", "quoteloanfee", "QuoteLoanFee", '"quote loan fee"']) {
        const { results: [first, second] } = await search({ query, snippetLines: 3 });
        assert.deepEqual([first!.path, first!.symbol!.name, first!.symbol!.scope, second!.path], ["src/pool.ts", "quoteLoanFee", "LendingPool", "src/units.ts"], query);
        assert.ok(first!.score > second!.score + 0.5);
        assert.match(first!.snippet, /quoteLoanFee\(amount/);
        const again = await callTool(readLines, deps, { repository: "lender", path: first!.path, startLine: first!.startLine, endLine: first!.endLine });
        assert.equal(again.text, first!.snippet);
      }
      assert.deepEqual(await paths({ query: "parseHTTPHeader" }), ["src/http_header.py"]);
    });

    it("tells the definition around a hit in a body", async () => {
      const { results: [hit] } = await search({ query: '"return BigInt"', snippetLines: 1 });
      assert.deepEqual([hit!.snippet, hit!.startLine, hit!.symbol!.name], ["  return BigInt(text);", 3, "toWei"]);
    });

    it("wants all words, any of them, a phrase, a beginning, or the lack of one", async () => {
      assert.deepEqual(await paths({ query: "flashLoan parse_http_header" }), []);
      assert.deepEqual((await paths({ query: "flashLoan parse_http_header", match: "any" })).sort(), ["contracts/Vault.sol", "src/http_header.py"]);
      assert.deepEqual((await paths({ query: "flashLoan OR http_header" })).sort(), ["contracts/Vault.sol", "src/http_header.py"]);
      assert.deepEqual(await paths({ query: '"emit LoanTaken"' }), ["contracts/Vault.sol"]);
      assert.deepEqual(await paths({ query: '"LoanTaken emit"' }), []);
      assert.deepEqual(await paths({ query: "flashL*" }), ["contracts/Vault.sol"]);
      assert.deepEqual((await paths({ query: "amount" })).sort(), ["contracts/Vault.sol", "src/pool.ts", "src/units.ts"]);
      assert.deepEqual((await paths({ query: "amount -quoteLoanFee" })), ["contracts/Vault.sol"]);
      assert.deepEqual(await paths({ query: "emit LoanTaken(amount);" }), ["contracts/Vault.sol"]);
    });

    it("filters by path, language and repository, and names the filter that leaves nothing", async () => {
      assert.deepEqual(await paths({ query: "amount", path: "contracts" }), ["contracts/Vault.sol"]);
      assert.deepEqual((await paths({ query: "amount", path: "src/*.ts" })).sort(), ["src/pool.ts", "src/units.ts"]);
      assert.deepEqual(await paths({ query: "amount", language: "solidity" }), ["contracts/Vault.sol"]);
      assert.deepEqual((await callTool(searchCode, deps, { query: "Forked" })).results.map(({ repository }) => repository), ["fork"]);
      assert.deepEqual(await paths({ query: "Forked" }), []);
      await assert.rejects(search({ query: "amount", language: "Rust" }), /"Rust".*TypeScript/);
      await assert.rejects(search({ query: "amount", path: "lib/**" }), /path "lib\/\*\*"/);
      await assert.rejects(search({ query: "amount", repository: "nope" }), /fork, lender/);
    });

    it("gives every result once over all pages, in the order of one page", async () => {
      const whole = await callTool(searchCode, deps, { query: "row* OR amount", limit: 50 });
      assert.ok(whole.results.length > 20 && whole.nextCursor === null && whole.complete);
      assert.deepEqual(whole.results.map(({ score }) => score), whole.results.map(({ score }) => score).toSorted((a, b) => b - a));
      const paged: typeof whole.results = [];
      let cursor: string | null = null;
      do {
        const page: typeof whole = await callTool(searchCode, deps, { query: "row* OR amount", limit: 7, ...(cursor !== null && { cursor }) });
        paged.push(...page.results);
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(paged, whole.results);
    });

    it("finds symbols by name, by beginning and whatever their case", async () => {
      const find = async (input: object) => (await callTool(findSymbol, deps, { repository: "lender", ...input })).symbols;
      const [exact] = await find({ name: "quoteLoanFee" });
      assert.deepEqual(exact, {
        name: "quoteLoanFee", kind: "method", repository: "lender", revision: commit, path: "src/pool.ts", language: "TypeScript",
        startLine: 5, endLine: 7, scope: "LendingPool", signature: "quoteLoanFee(amount: bigint): bigint {",
      });
      assert.deepEqual(await find({ name: "quoteloanfee" }), []);
      assert.deepEqual((await find({ name: "Quote_Loan_Fee", match: "insensitive" })).map(({ name }) => name), ["quoteLoanFee"]);
      assert.deepEqual((await find({ name: "loan", match: "prefix" })).map(({ name, kind }) => `${kind} ${name}`), ["event LoanTaken"]);
      assert.deepEqual(await find({ name: "%", match: "prefix" }), []);
      assert.deepEqual((await find({ name: "V", match: "prefix", kind: "Contract" })).map(({ name }) => name), ["Vault"]);
      assert.deepEqual(await find({ name: "Vault", kind: "function" }), []);
      assert.deepEqual((await callTool(findSymbol, deps, { name: "toWei" })).symbols.map(({ repository }) => repository), ["fork", "lender"]);
    });

    it("outlines a file in order", async () => {
      const outline = await callTool(getFileOutline, deps, { repository: "lender", path: "contracts/Vault.sol" });
      assert.deepEqual(outline.symbols.map(({ kind, name, startLine, endLine, scope }) => `${kind} ${name} ${startLine}-${endLine} ${scope}`),
        ["contract Vault 1-6 null", "event LoanTaken 2-2 Vault", "function flashLoan 3-5 Vault"]);
      assert.deepEqual([outline.lines, outline.language, outline.revision], [6, "Solidity", commit]);
      const rest = await callTool(getFileOutline, deps, { repository: "lender", path: "contracts/Vault.sol", fromLine: 2, limit: 1 });
      assert.deepEqual([rest.symbols.map(({ name }) => name), rest.more], [["LoanTaken"], true]);
    });

    it("reads lines across passages, and says what is wrong with a path", async () => {
      const read = (input: object) => callTool(readLines, deps, { repository: "lender", ...input });
      const across = await read({ path: "long.txt", startLine: 40, endLine: 439 });
      assert.equal(across.text, FILES["long.txt"].split("\n").slice(39, 439).join("\n"));
      assert.deepEqual([across.endLine, across.totalLines], [439, 900]);
      assert.equal((await read({ path: "src/units.ts", startLine: 3 })).text, "  return BigInt(text);\n}");
      await assert.rejects(read({ path: "logo.png" }), /logo\.png is binary/);
      await assert.rejects(read({ path: "pool.ts" }), /src\/pool\.ts \(lender\)/);
      await assert.rejects(callTool(readLines, deps, { path: "src/pool.ts" }), /several repositories: fork, lender/);
      assert.match((await callTool(readLines, deps, { path: "only-here.md" })).text, /Forked/);
    });

    it("outlives a connection that breaks in the middle of a search", async () => {
      const admin = poolOf(ACCESS_ADMIN.postgres);
      const slow = assert.rejects(deps.query("SELECT pg_sleep(10)"), Unavailable);
      await admin.query(`DO $$ BEGIN
        FOR i IN 1..500 LOOP
          EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(10)' AND pg_terminate_backend(pid));
          PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
        END LOOP; END $$`);
      await slow;
      assert.equal((await callTool(findSymbol, deps, { name: "Vault", repository: "lender" })).symbols.length, 1);
    });

    it("cannot change the index, nor search for ever", async () => {
      assert.deepEqual(await deps.query("SHOW statement_timeout"), [{ statement_timeout: "15s" }]);
      await assert.rejects(deps.query("DELETE FROM code_index.files"), /permission denied|read-only/);
    });
  });
});
