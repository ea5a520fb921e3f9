/** Who may do what. Pure. */
import { mayChange, unlimited, type TokenClaims } from "../../../contract/access.ts";

/**
 * Roles that may change things. An operator looks at everything and changes nothing, except by the diagnostic action and
 * by taking an agent out of service.
 */
const changes = ({ role }: Pick<TokenClaims, "role">): boolean => mayChange(role);

export const PROBE_ACTION = "echo";

/** Submit, cancel and replay. */
export function mayChangeTask(caller: TokenClaims, action: string): boolean {
  return unlimited(caller) && (changes(caller) || (caller.role === "operator" && action === PROBE_ACTION));
}

/** Whether it may touch the tasks of the diagnostic action and no others. */
export const changesOnlyProbes = (caller: TokenClaims): boolean => !changes(caller);

/** Take an agent out of service: people's business, not that of services. */
export const mayDrain = (caller: TokenClaims): boolean => unlimited(caller) && (caller.role === "admin" || caller.role === "operator");

/** Tools that only read are for everybody with a token. */
export function mayCallTool(caller: TokenClaims, readOnly: boolean): boolean {
  return readOnly || changes(caller);
}

/**
 * Whether the edge lets a request pass at all. The hub's own endpoints decide in detail themselves. A server reached
 * directly does not check roles itself, so whoever may not call every tool is stopped here; and so is a token that the
 * server itself would refuse, or any service could borrow the hub's.
 */
export function mayPassEdge(caller: TokenClaims, method: string, path: string): boolean {
  if (path === "/mcp" || path.startsWith("/api/v1/")) return true;
  const server = serverOf(path);
  if (server) return changes(caller) && unlimited(caller) && (caller.aud.includes("*") || caller.aud.includes(`server:${server.server}`));
  return (changes(caller) && unlimited(caller)) || method === "GET" || method === "HEAD";
}

/** Path of one server's endpoint behind the edge; null for any other path. */
export function serverOf(path: string): { category: string; server: string } | null {
  const match = /^\/servers\/([^/]+)\/([^/]+)\/mcp$/.exec(path);
  return match ? { category: match[1]!, server: match[2]! } : null;
}
