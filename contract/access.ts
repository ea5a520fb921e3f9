/**
 * Identities, tokens and grants.
 *
 * An identity is `server:<name>`, `agent:<type>`, `hub`, `edge`, `operator` or `user:<name>`. Its user name in a
 * store is the identity with `-` for `:` (`agent-code-indexer`). Tokens and grants are JWTs signed with one Ed25519 key
 * that only the deployment holds; every service has the public half, so adding a service changes no other's secrets.
 */
import { z } from "zod";

export const STORES = ["rabbitmq", "redis", "etcd", "postgres"] as const;
export type Store = (typeof STORES)[number];

export const storeUser = (identity: string): string => identity.replaceAll(":", "-");
/** PostgreSQL roles avoid hyphens, so that nobody has to quote them. */
export const postgresRole = (identity: string): string => storeUser(identity).replaceAll("-", "_");

export const ROLES = ["reader", "operator", "admin", "service"] as const;
export type Role = (typeof ROLES)[number];

/** What a tool may want of its caller: to look, to change something, to do what is people's business and not services'. */
export type Scope = "read" | "change" | "administer";
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  reader: ["read"],
  operator: ["read"],
  service: ["read", "change"],
  admin: ["read", "change", "administer"],
};

/** Roles that may change things; the others look. */
export const mayChange = (role: Role): boolean => ROLE_SCOPES[role].includes("change");

/** Claims of a bearer token. `aud` names the identities that accept it; `*` is all of them. */
export const TokenClaims = z.object({
  sub: z.string(),
  role: z.enum(ROLES),
  aud: z.array(z.string()),
  /** Tools it may call through the gateway, `<server>.<tool>` or `<server>.*`; all when absent. */
  tools: z.array(z.string().regex(/^[a-z][a-z0-9-]*\.([A-Za-z0-9_.-]+|\*)$/)).optional(),
  /** Calls a minute through the gateway, all hubs together; the hub's own limit when absent. */
  callsPerMinute: z.number().int().min(1).optional(),
  /** Seconds since 1970 from which it is refused; never when absent. */
  exp: z.number().optional(),
});
export type TokenClaims = z.output<typeof TokenClaims>;

/** A token for certain tools, or for so many calls, is one for the gateway: everywhere else nobody would look at its limits. */
export const unlimited = ({ tools, callsPerMinute }: TokenClaims): boolean => tools === undefined && callsPerMinute === undefined;

/** Rights an application asks for; signed by the deployment, applied by the access service. */
export const Grant = z.strictObject({
  identity: z.string(),
  rabbitmq: z.strictObject({
    /** Regular expressions, as in `rabbitmqctl set_permissions`. */
    configure: z.string(),
    write: z.string(),
    read: z.string(),
    /** Topic permission on `mcp.topic`. */
    topic: z.strictObject({ write: z.string(), read: z.string() }).optional(),
    /** Agent type whose `tasks.` and `dead.` queues must exist. */
    queuesFor: z.string().optional(),
  }).optional(),
  redis: z.strictObject({
    /** ACL key patterns: `~p`, `%R~p`, `%W~p`. */
    keys: z.array(z.string()),
    /** ACL command rules after `-@all`. */
    commands: z.array(z.string()),
  }).optional(),
  /** Prefixes of keys; `[0-9]` at the end of one stands for any digit, whatever follows it. */
  etcd: z.strictObject({
    readwrite: z.array(z.string()).default([]),
    read: z.array(z.string()).default([]),
  }).optional(),
  postgres: z.strictObject({
    /** Schema whose objects this identity makes and owns. */
    owns: z.string().optional(),
    /** Schemas it may select from. */
    reads: z.array(z.string()).default([]),
    /** Group roles, as in `effects_writer`. */
    groups: z.array(z.string()).default([]),
  }).optional(),
});
export type Grant = z.output<typeof Grant>;

/** Group role that may append to the effects table and claim effects; see the kit's `once`. */
export const EFFECTS_WRITER = "effects_writer";
/** Schema of the hub. */
export const FABRIC_SCHEMA = "fabric";
/** Schema of the flash trader's books. */
export const TRADING_SCHEMA = "trading";
/** Group roles that own a schema's objects and may read them. */
export const schemaOwner = (schema: string): string => `${schema}_owner`;
export const schemaReader = (schema: string): string => `${schema}_reader`;

/** Identity that may look at everything in the stores and change nothing. */
export const OPERATOR = "operator";

/**
 * The access service's administrator in each store: user name, and identity its password is derived from.
 * PostgreSQL's may create roles and schemas but is no superuser.
 */
export const ACCESS_ADMIN = {
  rabbitmq: "access",
  redis: "access",
  etcd: "root",
  postgres: "access_admin",
} as const satisfies Record<Store, string>;

/** Where a service posts its signed grant, as {@link GrantRequest}; 200 with {identity, applied, ms} once the stores know it, 503 while they cannot. */
export const GRANTS_PATH = "/v1/grants";
export const GrantRequest = z.strictObject({ grant: z.string().describe("The JWT of MCP_ACCESS_GRANT.") });
export type GrantRequest = z.output<typeof GrantRequest>;
