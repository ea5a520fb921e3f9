/** Versioned SQL migrations: `001-tasks.sql`, `002-effects.sql`, … run once each, in order, one service at a time. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Pool } from "pg";
import { messageOf } from "./errors.ts";

export interface Migration {
  number: number;
  name: string;
  sql: string;
}
export interface AppliedMigration {
  number: number;
  name: string;
  checksum: string;
}

export const checksum = (sql: string): string => createHash("sha256").update(sql).digest("hex");

/**
 * The migrations that are still to run, in order. Pure.
 *
 * @throws when files are not numbered 1, 2, 3, …, when an applied one was changed, or when the database is ahead
 */
export function pendingMigrations(files: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const ordered = files.toSorted((a, b) => a.number - b.number);
  ordered.forEach((file, index) => {
    if (file.number !== index + 1) throw new Error(`Migration ${file.name} breaks the numbering: expected number ${index + 1}.`);
  });
  for (const { number, name, checksum: sum } of applied) {
    const file = ordered[number - 1];
    if (!file) throw new Error(`The database has migration ${name}, which this version does not know. Deploy the version that wrote it, or a later one.`);
    if (checksum(file.sql) !== sum) throw new Error(`Migration ${file.name} was changed after it was applied. Restore it and put the change into a new one.`);
  }
  const done = new Set(applied.map(({ number }) => number));
  return ordered.filter(({ number }) => !done.has(number));
}

/** Reads `NNN-name.sql` files of a folder. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-[a-z0-9-]+\.sql$/.test(name));
  return Promise.all(names.map(async (name) => ({
    number: Number(name.slice(0, 3)),
    name,
    sql: await readFile(new URL(name, folder), "utf8"),
  })));
}

/**
 * Brings `schema` up to date and returns the names of what it ran. Each migration is one transaction; an advisory lock
 * keeps a second hub waiting meanwhile. The schema itself exists: the access service makes it.
 */
export async function migrate(pool: Pool, schema: string, migrations: readonly Migration[]): Promise<string[]> {
  const client = await pool.connect();
  const ran: string[] = [];
  try {
    await client.query("select pg_advisory_lock(hashtext($1))", [`migrations of ${schema}`]);
    const ledger = `${client.escapeIdentifier(schema)}.migrations`;
    await client.query(`create table if not exists ${ledger}
      (number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
    const { rows } = await client.query<AppliedMigration>(`select number, name, checksum from ${ledger} order by number`);
    for (const { number, name, sql } of pendingMigrations(migrations, rows)) {
      try {
        await client.query("begin");
        await client.query(sql);
        await client.query(`insert into ${ledger} (number, name, checksum) values ($1, $2, $3)`, [number, name, checksum(sql)]);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw new Error(`Migration ${name} failed: ${messageOf(error)}`, { cause: error });
      }
      ran.push(name);
    }
    return ran;
  } finally {
    // Closing the connection frees the lock, also when the unlock itself could not be sent.
    client.release(true);
  }
}
