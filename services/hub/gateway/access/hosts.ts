/** DNS rebinding protection: under which names the endpoint may be spoken to, and from which pages. Pure. */
import { hostOf, refuseHeaders } from "../../../kit/mcp/guards.ts";

export interface HostHeaders { host?: string; origin?: string; "x-forwarded-host"?: string | string[] }

/**
 * What is wrong with the headers; null when nothing is.
 *
 * The edge speaks to the hub by the hub's own name and says in `X-Forwarded-Host` what the client asked for. Where the
 * deployment has not said under which names it is reached (`outside` empty), a page may call the host it came from.
 */
export function refuseHosts(headers: HostHeaders, own: readonly string[], outside: readonly string[]): string | null {
  const forwarded = headers["x-forwarded-host"] === undefined ? null : hostOf(String(headers["x-forwarded-host"])) ?? "";
  if (forwarded !== null && outside.length > 0 && refuseHeaders({ host: forwarded }, outside)) return `Host ${forwarded || "(malformed)"} is not a name of this stack.`;
  const known = outside.length > 0 ? outside : forwarded ? [forwarded] : [];
  const refusedHost = refuseHeaders({ host: headers.host }, [...own, ...outside]);
  if (refusedHost !== null || headers.origin === undefined) return refusedHost;
  return refuseHeaders({ host: headers.host, origin: headers.origin }, [...own, ...known]);
}
