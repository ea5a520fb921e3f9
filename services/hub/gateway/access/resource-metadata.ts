/** OAuth protected-resource metadata (RFC 9728): how a client finds out what this endpoint wants of it. Pure. */
import { ROLES } from "../../../../contract/access.ts";
import { hostOf } from "../../../kit/mcp/guards.ts";

export const METADATA_PATH = "/.well-known/oauth-protected-resource";

export interface Reached {
  headers: { host?: string; "x-forwarded-host"?: string | string[]; "x-forwarded-proto"?: string | string[] };
}

/** Base URL as the client wrote it, behind the edge too. A host that is none is left out: it would be a header's text. */
export function originOf({ headers }: Reached): string {
  const host = String(headers["x-forwarded-host"] ?? headers.host ?? "");
  return `${headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${hostOf(host) === null ? "localhost" : host}`;
}

/** There is no authorization server: tokens are made by the deployment, and `authorization_servers` is left out. */
export const resourceMetadata = (reached: Reached): object => ({
  resource: `${originOf(reached)}/mcp`,
  resource_name: "Flash Loan MCP System",
  bearer_methods_supported: ["header"],
  scopes_supported: ROLES.filter((role) => role !== "service"),
});

/** Value of `WWW-Authenticate` for a request without a token that is good. */
export const challenge = (reached: Reached): string => `Bearer realm="mcp", resource_metadata="${originOf(reached)}${METADATA_PATH}/mcp"`;
