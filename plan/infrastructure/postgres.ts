/** The database. */
import { ACCESS_ADMIN, OPERATOR } from "../../contract/access.ts";
import { SECRETS_DIR } from "../../contract/environment.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { SecretPart, ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { steadily } from "./probes.ts";

const ADMIN = ACCESS_ADMIN.postgres;
const { host, port, database } = INFRASTRUCTURE.postgres;

const createMissing = (role: string): string =>
  `SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec\n`;
const password = (role: string, attributes: string): SecretPart[] => [
  `ALTER ROLE ${role} ${attributes} PASSWORD '`, { scram: { identity: role } }, "';\n",
];

/**
 * Roles of the deployment and the database, for psql; stands being repeated. Passwords go in as verifiers, so no
 * password of anybody enters this container.
 */
function roles(): SecretPart[] {
  return [
    createMissing(ADMIN),
    ...password(ADMIN, "LOGIN CREATEROLE NOSUPERUSER NOCREATEDB"),
    // It may then act as the roles it makes: give schemas to them, and set what is granted on their future tables.
    `ALTER ROLE ${ADMIN} SET createrole_self_grant = 'set, inherit';\n`,
    createMissing(OPERATOR),
    ...password(OPERATOR, "LOGIN"),
    `ALTER ROLE ${OPERATOR} SET default_transaction_read_only = on;\n`,
    `GRANT pg_read_all_data, pg_monitor TO ${OPERATOR};\n`,
    `SELECT 'CREATE DATABASE ${database} OWNER ${ADMIN}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database}') \\gexec\n`,
  ];
}

export function postgresSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  return infrastructureSpec(settings, {
    name: "postgres",
    host,
    uid: 10_004,
    secrets: [{ path: `${SECRETS_DIR}/roles.sql`, parts: roles() }],
    files: configFiles("postgres", configs, ["postgresql.conf", "pg_hba.conf", "pg_ident.conf", "database.sql"]),
    ports: publish(settings, port),
    // Not the one in /usr/bin, a Perl wrapper. It logs in as nobody, but names somebody: each probe would log a refusal.
    health: steadily(["/usr/lib/postgresql/17/bin/pg_isready", "-q", "-t", "4", "-h", "127.0.0.1", "-d", database, "-U", OPERATOR]),
    resources: { memoryMiB: 512, cpus: 2 },
    stopGraceSeconds: 60,
  });
}
