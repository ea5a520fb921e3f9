/** DNS rebinding protection: which `Host` and `Origin` headers an MCP endpoint answers to. */

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Host name of a `Host` header, without its port; null when it is malformed. */
export function hostOf(header: string | undefined): string | null {
  if (!header) return null;
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header)?.[1]?.toLowerCase() ?? null;
}

/**
 * What is wrong with the headers, or null. A missing `Origin` is fine: programs send none.
 *
 * @param allowed host names beside loopback's
 */
export function refuseHeaders(headers: { host?: string; origin?: string }, allowed: readonly string[]): string | null {
  const known = (host: string): boolean => LOOPBACK.has(host) || allowed.some((name) => name.toLowerCase() === host);
  const host = hostOf(headers.host);
  if (host === null || !known(host)) return `Host ${headers.host ?? "(none)"} is not a name of this server.`;
  if (headers.origin === undefined) return null;
  const origin = URL.canParse(headers.origin) ? new URL(headers.origin).hostname.toLowerCase() : null;
  return origin !== null && known(origin) ? null : `Origin ${headers.origin} may not call this server.`;
}
