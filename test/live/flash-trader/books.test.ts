/** The trader's books in a real PostgreSQL, under rights of their own. */
import { join } from "node:path";
import pg from "pg";
import { ACCESS_ADMIN, type Store } from "../../../contract/access.ts";
import { passwordKey } from "../../../contract/derive.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { storeUrl } from "../../../plan/environment.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { PostgresAccess } from "../../../services/access/stores/postgres.ts";
import { PostgresBooks } from "../../../services/flash-trader/books/postgres-books.ts";
import { booksKeepTheirPromises } from "../../../services/flash-trader/testing/books-conformance.ts";
import { migrate, readMigrations } from "../../../services/kit/migrations.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TRADER = "server:flash-trader";
const SCHEMA = "trading";
const POSTGRES: Store = "postgres";

describe("the trader's books in PostgreSQL", function () {
  this.timeout(120_000);
  const runner = new SpecRunner({ prefix: "books-test-" });
  let pool: pg.Pool;
  const url = (identity: string): string => runner.keys.render(storeUrl(POSTGRES, identity)).replace("@postgres:", `@${runner.address(POSTGRES)}:`);

  before(async () => {
    await runner.setUp();
    await runner.start(infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT)).find(({ name }) => name === POSTGRES)!);
    await runner.ready(POSTGRES, 90_000);
    const access = new PostgresAccess(url(ACCESS_ADMIN.postgres), passwordKey(runner.rootKey));
    await access.prepare();
    await access.apply({ identity: TRADER, postgres: { owns: SCHEMA, reads: [], groups: [] } });
    await access.close();
    pool = new pg.Pool({ connectionString: url(TRADER), max: 8 });
    pool.on("error", () => undefined);
    await migrate(pool, SCHEMA, await readMigrations(new URL("../../../services/flash-trader/migrations/", import.meta.url)));
  });
  after(async () => {
    await pool.end();
    await runner.tearDown();
  });

  booksKeepTheirPromises(async () => {
    await pool.query("truncate trades, signatures restart identity");
    return new PostgresBooks(pool);
  });
});
