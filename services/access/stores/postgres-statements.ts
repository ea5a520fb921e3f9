/**
 * SQL of the access service. Rights hang on group roles that cannot log in: `<schema>_owner` owns a schema and all its
 * objects, `<schema>_reader` may select from them. An application's login role is a member, and acts as the owner.
 */
import pg from "pg";
import { schemaOwner, schemaReader, type Grant } from "../../../contract/access.ts";
import { UserFault } from "../../kit/errors.ts";

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;
const SCHEMA_NAME = /^[a-z][a-z0-9_]{0,50}$/;

/** @throws {UserFault} for what PostgreSQL would take in quotes only, or keeps for itself */
export function checkSchema(schema: string): string {
  if (!SCHEMA_NAME.test(schema) || schema.startsWith("pg_") || schema === "public" || schema === "information_schema") {
    throw new UserFault(`postgres: "${schema}" cannot be a schema of an application; use lower case letters, digits and _`);
  }
  return schema;
}

/** Makes a schema and its two groups, as far as they are missing. */
export function schemaStatements(schema: string, known: { roles: ReadonlySet<string>; schemas: ReadonlySet<string> }): string[] {
  const owner = schemaOwner(schema);
  const reader = schemaReader(schema);
  return [
    ...[owner, reader].filter((role) => !known.roles.has(role)).map((role) => `CREATE ROLE ${id(role)} NOLOGIN`),
    ...(known.schemas.has(schema) ? [] : [
      // To make a schema takes the right to create in the database; the administrator owns that, the group does not.
      `CREATE SCHEMA ${id(schema)}`,
      `ALTER SCHEMA ${id(schema)} OWNER TO ${id(owner)}`,
      `GRANT USAGE ON SCHEMA ${id(schema)} TO ${id(reader)}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${id(owner)} IN SCHEMA ${id(schema)} GRANT SELECT ON TABLES TO ${id(reader)}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${id(owner)} IN SCHEMA ${id(schema)} GRANT SELECT ON SEQUENCES TO ${id(reader)}`,
    ]),
  ];
}

/** Groups that a grant makes its identity a member of. */
export function groupsOf(rights: NonNullable<Grant["postgres"]>): string[] {
  return [...new Set([...(rights.owns === undefined ? [] : [schemaOwner(rights.owns)]), ...rights.reads.map(schemaReader), ...rights.groups])];
}

export interface LoginRole {
  role: string;
  exists: boolean;
  /** Groups it is a member of now. */
  memberOf: readonly string[];
  /** `role` setting it has now: the role it acts as. */
  actsAs: string | null;
}

/** Turns a login role into what its grant says. */
export function loginStatements(found: LoginRole, rights: NonNullable<Grant["postgres"]>, verifier: string, database: string): string[] {
  const role = id(found.role);
  const wanted = groupsOf(rights);
  const actsAs = rights.owns === undefined ? null : schemaOwner(rights.owns);
  return [
    ...(found.exists ? [] : [`CREATE ROLE ${role}`]),
    `ALTER ROLE ${role} LOGIN INHERIT NOCREATEROLE PASSWORD ${literal(verifier)}`,
    `GRANT CONNECT ON DATABASE ${id(database)} TO ${role}`,
    ...found.memberOf.filter((group) => !wanted.includes(group)).map((group) => `REVOKE ${id(group)} FROM ${role}`),
    ...wanted.filter((group) => !found.memberOf.includes(group)).map((group) => `GRANT ${id(group)} TO ${role}`),
    ...(actsAs === found.actsAs ? [] : [actsAs === null ? `ALTER ROLE ${role} RESET role` : `ALTER ROLE ${role} SET role = ${literal(actsAs)}`]),
  ];
}

/** The owner that a session acts as has none of the login's other memberships: what the grant says is said of it too. */
export function ownerStatements(owner: Pick<LoginRole, "role" | "memberOf">, rights: NonNullable<Grant["postgres"]>): string[] {
  const wanted = groupsOf(rights).filter((group) => group !== owner.role);
  return [
    ...owner.memberOf.filter((group) => !wanted.includes(group)).map((group) => `REVOKE ${id(group)} FROM ${id(owner.role)}`),
    ...wanted.filter((group) => !owner.memberOf.includes(group)).map((group) => `GRANT ${id(group)} TO ${id(owner.role)}`),
  ];
}

/** The role stays, because objects may name it, but nobody can use it. */
export function lockStatements(found: LoginRole, database: string): string[] {
  if (!found.exists) return [];
  const role = id(found.role);
  return [
    `ALTER ROLE ${role} NOLOGIN PASSWORD NULL`,
    `ALTER ROLE ${role} RESET role`,
    `REVOKE CONNECT ON DATABASE ${id(database)} FROM ${role}`,
    ...found.memberOf.map((group) => `REVOKE ${id(group)} FROM ${role}`),
  ];
}

/** Whether sessions that are open now hold rights that the grant no longer gives. */
export function narrows(found: LoginRole, rights: Grant["postgres"]): boolean {
  if (!found.exists) return false;
  const wanted = rights ? groupsOf(rights) : [];
  return found.memberOf.some((group) => !wanted.includes(group)) || rights === undefined;
}
