/** PostgreSQL for services: one small pool. */
import "./stores/require.ts";
import type pg from "pg";
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { succeedsInTime, type KeptStore } from "./stores/store.ts";

/** invalid_authorization_specification, invalid_password, insufficient_privilege, invalid_catalog_name. */
const REFUSALS = new Set(["28000", "28P01", "42501", "3D000"]);

/** @param url `postgres://role:password@postgres:5432/mcp`; secret */
export function openPostgres(url: string, options: { name: string; log: Logger; onRefused?: () => void }): KeptStore<pg.Pool> {
  const { Client, Pool } = require("pg") as typeof pg;
  const { log, onRefused } = options;
  const noteRefusal = (error: unknown): void => {
    if (REFUSALS.has((error as { code?: string }).code ?? "")) onRefused?.();
  };
  /** The pool hides the reason for a failed connection from everybody but the query that wanted it. */
  class WatchedClient extends Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
      if (!callback) {
        const connected = super.connect() as unknown as Promise<pg.Client>;
        connected.catch(noteRefusal);
        return connected;
      }
      super.connect((error: Error) => {
        if (error) noteRefusal(error);
        callback(error);
      });
    }
  }
  const pool = new Pool({
    connectionString: url,
    Client: WatchedClient as unknown as typeof pg.Client,
    application_name: options.name,
    max: 8,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  } as pg.PoolConfig);
  // Idle clients fail when the server restarts; the pool replaces them at the next query.
  pool.on("error", (error) => log.warn({ reason: messageOf(error) }, "an idle postgres connection was lost"));
  return { client: pool, answers: () => succeedsInTime(() => pool.query("select 1")), close: () => pool.end() };
}
