/** The tokens that backends see: the caller's name and role, for one server, for a few minutes. Never the caller's own token. */
import type { KeyObject } from "node:crypto";
import type { TokenClaims } from "../../../../contract/access.ts";
import { signDelegated } from "../../../../contract/delegation.ts";

const LIFETIME_MS = 300_000;
/** What a call may take at most, and clocks that differ. */
const LEAST_LEFT_MS = 150_000;
const REMEMBERED = 4_000;

/** Value of `Authorization` for a call on behalf of `caller`. */
export type Credentials = (caller: Pick<TokenClaims, "sub" | "role">, server: string) => string;

/** Signing costs 0.05 ms, so a token is used until half of its life is over. */
export function delegatedCredentials(key: KeyObject, certificate: string, now: () => number = Date.now): Credentials {
  const made = new Map<string, { header: string; expiresAt: number }>();
  return ({ sub, role }, server) => {
    const name = `${role} ${server} ${sub}`;
    const known = made.get(name);
    if (known && known.expiresAt - now() > LEAST_LEFT_MS) return known.header;
    const expiresAt = now() + LIFETIME_MS;
    const claims = { sub, role, aud: [`server:${server}`], via: "hub", exp: Math.floor(expiresAt / 1000) };
    const header = `Bearer ${signDelegated(claims, key, certificate)}`;
    made.delete(name);
    if (made.size >= REMEMBERED) made.delete(made.keys().next().value!);
    made.set(name, { header, expiresAt });
    return header;
  };
}

/** For a hub that the deployment has given no key: servers see the hub, whoever calls. */
export const ownCredentials = (token: string): Credentials => () => `Bearer ${token}`;

/** The hub speaking for itself: lists, probes, subscriptions. */
export const HUB_CALLER = { sub: "hub", role: "service" } as const;
