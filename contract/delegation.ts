/**
 * How the hub speaks for a caller: a short-lived token that it signs itself, followed by `~` and the certificate by which
 * the deployment lets it. Whoever holds `MCP_TOKEN_PUBLIC_KEY` can check both, so nobody but the hub needs another
 * secret; and what one server is shown opens no other server, and nothing once it has expired.
 */
import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { TokenClaims } from "./access.ts";
import { parsePublicKey, signJwt, verifyJwt } from "./derive.ts";

/** Claims of the certificate; signed by the deployment. It is neither a token nor a grant: it has none of their claims. */
export const Certificate = z.strictObject({
  /** Identity that may speak for others. */
  certifies: z.string(),
  /** Public half of the key it signs with, base64url of 32 bytes. */
  key: z.string(),
});
export type Certificate = z.output<typeof Certificate>;

/** Claims of a token made by the hub: those of the caller that it speaks for, for one audience, until `exp`. */
export const DelegatedClaims = TokenClaims.extend({ via: z.string(), exp: z.number() });
export type DelegatedClaims = z.output<typeof DelegatedClaims>;

const SEPARATOR = "~";

export const isDelegated = (token: string): boolean => token.includes(SEPARATOR);

/** @param certificate as the deployment signed it */
export const signDelegated = (claims: DelegatedClaims, key: KeyObject, certificate: string): string =>
  `${signJwt(claims, key)}${SEPARATOR}${certificate}`;

/** @returns null where a signature, the certificate or the claims are wrong; whether it has expired is for the caller to see */
export function verifyDelegated(token: string, deployment: KeyObject): DelegatedClaims | null {
  const [jwt, certificate, ...rest] = token.split(SEPARATOR);
  if (jwt === undefined || certificate === undefined || rest.length > 0) return null;
  const certified = Certificate.safeParse(verifyJwt(certificate, deployment));
  if (!certified.success) return null;
  const claims = DelegatedClaims.safeParse(verifyJwt(jwt, parsePublicKey(certified.data.key)));
  return claims.success && claims.data.via === certified.data.certifies ? claims.data : null;
}
