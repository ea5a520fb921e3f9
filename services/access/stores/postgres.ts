/** Roles and schemas of applications in PostgreSQL. */
import pg from "pg";
import { EFFECTS_WRITER, FABRIC_SCHEMA, postgresRole, schemaOwner, schemaReader, type Grant } from "../../../contract/access.ts";
import { scramVerifier } from "../../../contract/derive.ts";
import { messageOf, Unavailable, UserFault } from "../../kit/errors.ts";
import { checkSchema, lockStatements, loginStatements, narrows, ownerStatements, schemaStatements, type LoginRole } from "./postgres-statements.ts";
import type { AccessStore } from "./store.ts";

export class PostgresAccess implements AccessStore {
  readonly name = "postgres";
  readonly #pool: pg.Pool;
  readonly #passwordKey: string;
  readonly #database: string;

  constructor(url: string, passwordKey: string) {
    // One connection, so that two grants never make the same group at the same time.
    this.#pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000, query_timeout: 10_000, application_name: "access" });
    this.#pool.on("error", () => undefined);
    this.#passwordKey = passwordKey;
    this.#database = new URL(url).pathname.slice(1);
  }

  async missing(): Promise<string[]> {
    const roles = [schemaOwner(FABRIC_SCHEMA), schemaReader(FABRIC_SCHEMA), EFFECTS_WRITER];
    const { roles: known, schemas } = await this.#known(this.#pool);
    return [
      ...roles.filter((role) => !known.has(role)).map((role) => `postgres: role ${role}`),
      ...(schemas.has(FABRIC_SCHEMA) ? [] : [`postgres: schema ${FABRIC_SCHEMA}`]),
    ];
  }

  async prepare(): Promise<void> {
    await this.#transaction(async (client) => {
      const known = await this.#known(client);
      await run(client, schemaStatements(FABRIC_SCHEMA, known));
      if (!known.roles.has(EFFECTS_WRITER)) await run(client, [`CREATE ROLE ${EFFECTS_WRITER} NOLOGIN`]);
    });
  }

  async apply(grant: Grant): Promise<void> {
    const rights = grant.postgres;
    const role = postgresRole(grant.identity);
    await this.#transaction(async (client) => {
      const found = await loginRole(client, role);
      if (rights) {
        const schemas = new Set([...(rights.owns === undefined ? [] : [rights.owns]), ...rights.reads].map(checkSchema));
        const known = await this.#known(client);
        for (const schema of schemas) await run(client, schemaStatements(schema, known));
        await this.#checkGroups(client, rights.groups);
        await run(client, loginStatements(found, rights, scramVerifier(this.#passwordKey, grant.identity), this.#database));
        if (rights.owns !== undefined) await run(client, ownerStatements(await loginRole(client, schemaOwner(rights.owns)), rights));
      } else {
        await run(client, lockStatements(found, this.#database));
      }
      // A session that acts as an owner stays one until it ends.
      if (narrows(found, rights)) await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [role]);
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #known(client: pg.Pool | pg.PoolClient): Promise<{ roles: Set<string>; schemas: Set<string> }> {
    const { rows } = await guarded(() => client.query<{ roles: string[]; schemas: string[] }>(
      "SELECT array(SELECT rolname::text FROM pg_roles) AS roles, array(SELECT nspname::text FROM pg_namespace) AS schemas"));
    return { roles: new Set(rows[0]!.roles), schemas: new Set(rows[0]!.schemas) };
  }

  /** Only groups that this service has made: nobody becomes a member of PostgreSQL's own, or of another's login. */
  async #checkGroups(client: pg.PoolClient, groups: readonly string[]): Promise<void> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT r.rolname AS name FROM pg_roles r JOIN pg_auth_members m ON m.roleid = r.oid
       WHERE m.member = current_user::regrole AND m.admin_option AND NOT r.rolcanlogin`);
    const known = rows.map(({ name }) => name);
    const unknown = groups.filter((group) => !known.includes(group));
    if (unknown.length > 0) throw new UserFault(`postgres.groups: there is no group ${unknown.join(", ")}; known are ${known.toSorted().join(", ")}`);
  }

  async #transaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
    const client = await guarded(() => this.#pool.connect());
    try {
      await client.query("BEGIN");
      await work(client);
      await client.query("COMMIT");
      client.release();
    } catch (error) {
      // A fresh connection costs 5 ms; a broken one kept would cost the next grant.
      client.release(true);
      throw asUnavailable(error);
    }
  }
}

async function run(client: pg.PoolClient, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

async function loginRole(client: pg.PoolClient, role: string): Promise<LoginRole> {
  const { rows } = await client.query<{ member_of: string[]; config: string[] | null }>(
    `SELECT array(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS member_of,
            r.rolconfig AS config
     FROM pg_roles r WHERE r.rolname = $1`, [role]);
  const [found] = rows;
  const actsAs = found?.config?.find((setting) => setting.startsWith("role="))?.slice("role=".length) ?? null;
  return { role, exists: found !== undefined, memberOf: found?.member_of ?? [], actsAs };
}

/** Connection trouble and a server that is starting or stopping (class 57P, 08); everything else is a real refusal. */
function asUnavailable(error: unknown): unknown {
  if (error instanceof UserFault || error instanceof Unavailable) return error;
  const code = String((error as { code?: unknown }).code ?? "");
  const answered = /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("57P") && !code.startsWith("08");
  return answered ? error : new Unavailable(`does not answer: ${messageOf(error)}`, { cause: error });
}

async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asUnavailable(error);
  }
}
