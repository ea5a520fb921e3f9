/** Who is calling: bearer tokens, checked against the deployment's public key. */
import { TokenClaims } from "../../contract/access.ts";
import { isDelegated, verifyDelegated } from "../../contract/delegation.ts";
import { parsePublicKey, verifyJwt } from "../../contract/derive.ts";

/** Checking a signature takes about 0.1 ms, so results are kept; wrong tokens are not, or anybody could fill the memory. */
const REMEMBERED_TOKENS = 1_000;

export type TokenCheck =
  | { ok: true; claims: TokenClaims }
  | { ok: false; status: 401 | 403; detail: string };

/** Answers for the value of an `Authorization` header. */
export type CheckToken = (authorization: string | undefined) => TokenCheck;

/**
 * @param publicKey `MCP_TOKEN_PUBLIC_KEY`
 * @param identity who we are; a token must name it, or `*`, as audience
 * @throws {Error} when the key is not base64url of 32 bytes
 */
export function tokenChecker(publicKey: string, identity: string, now: () => number = Date.now): CheckToken {
  const key = parsePublicKey(publicKey);
  const known = new Map<string, TokenCheck>();
  const check = (token: string): TokenCheck => {
    const claims = TokenClaims.safeParse(isDelegated(token) ? verifyDelegated(token, key) : verifyJwt(token, key));
    if (!claims.success) return { ok: false, status: 401, detail: "The token is not one of this stack: take the stack output apiToken." };
    const accepted = claims.data.aud.includes("*") || claims.data.aud.includes(identity);
    return accepted
      ? { ok: true, claims: Object.freeze(claims.data) }
      : { ok: false, status: 403, detail: `The token of ${claims.data.sub} is not meant for ${identity}.` };
  };
  return (authorization) => {
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return { ok: false, status: 401, detail: "Send the header Authorization: Bearer <token>." };
    const result = known.get(token) ?? check(token);
    if (result.ok && result.claims.exp !== undefined && result.claims.exp * 1000 <= now()) {
      known.delete(token);
      return { ok: false, status: 401, detail: `The token of ${result.claims.sub} has expired.` };
    }
    if (known.has(token)) return result;
    if (result.ok || result.status === 403) {
      if (known.size >= REMEMBERED_TOKENS) known.delete(known.keys().next().value!);
      known.set(token, result);
    }
    return result;
  };
}
