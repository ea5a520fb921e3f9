/** The code index in PostgreSQL: read only, within a time limit, its errors in words for the caller. */
import type { Pool, PoolClient } from "pg";
import { messageOf, Unavailable, UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";

const TIMEOUT_MS = 15_000;

export class NothingIndexed extends UserFault {
  constructor() {
    super('No repository is indexed yet. Submit the task code-indexer index_repository, with {"url": "https://…"} or with {"workspace": true}, and call again when it has succeeded.');
  }
}

/** undefined_table, undefined_function, invalid_schema_name: code-indexer makes them when it first starts. */
const NO_SCHEMA = new Set(["42P01", "42883", "3F000"]);
const QUERY_CANCELED = "57014";

/** @param pool of a role that may read schema `code_index` */
export function openIndex(pool: Pick<Pool, "connect">): Deps {
  const limited = new WeakSet<PoolClient>();
  async function connection(): Promise<PoolClient> {
    const client = await pool.connect();
    if (limited.has(client)) return client;
    // The query in progress fails and says so; without a listener a connection that breaks would end the process.
    client.on("error", () => {});
    try {
      await client.query(`SET statement_timeout = ${TIMEOUT_MS}; SET default_transaction_read_only = on`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    limited.add(client);
    return client;
  }
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      const client = await connection().catch((error: unknown) => { throw explained(error); });
      try {
        const { rows } = await client.query<Row>(text, [...values]);
        client.release();
        return rows;
      } catch (error) {
        const fault = explained(error);
        // The server may tell that it ends the connection before it does: such a one must not go to the next query.
        client.release(fault instanceof Unavailable);
        throw fault;
      }
    },
  };
}

function explained(error: unknown): unknown {
  const code = String((error as { code?: unknown }).code ?? "");
  if (NO_SCHEMA.has(code)) return new NothingIndexed();
  if (code === QUERY_CANCELED) {
    return new UserFault(`The search took longer than ${TIMEOUT_MS / 1_000} seconds and was stopped. Narrow it with repository, path or language, or use rarer words.`);
  }
  // 08: connection lost; 28: login refused until access has made it; 53: no connection free; 57P: starting or stopping.
  const answered = /^[0-9A-Z]{5}$/.test(code) && !/^(08|28|53|57P|EPIPE)/.test(code);
  return answered ? error : new Unavailable(`The code index in PostgreSQL does not answer: ${messageOf(error)}.`, { cause: error });
}
