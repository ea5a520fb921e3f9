/**
 * Everything secret in a stack comes from one root key, so that nothing has to be stored twice and nothing changes
 * between runs: salts are derived as well, and tokens carry no time of issue.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, pbkdf2Sync, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Store } from "./access.ts";

/** DER of an Ed25519 PKCS#8 private key up to its 32-byte seed (RFC 8410, section 7). */
const ED25519_PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** PostgreSQL's default `scram_iterations`. */
const SCRAM_ITERATIONS = 4096;

/** 32 bytes for one purpose, base64url (43 characters); HKDF-SHA256 over the root key. */
export function deriveKey(root: string, purpose: string): string {
  return Buffer.from(hkdfSync("sha256", root, "flash-loan-mcp", purpose, 32)).toString("base64url");
}

/** Key that passwords are derived from: what the access service holds instead of the root key. */
export const passwordKey = (root: string): string => deriveKey(root, "passwords");

/** Password of an identity in a store: 43 characters that need no escaping in a URL, a shell or a config file. */
export function derivePassword(key: string, store: Store, identity: string): string {
  return createHmac("sha256", key).update(`${store}:${identity}`).digest("base64url");
}

/** Ed25519 private key that signs tokens and grants. */
export const signingKey = (root: string): KeyObject => parsePrivateKey(deriveKey(root, "signing"));

/** Key object of an Ed25519 seed, base64url of 32 bytes. @throws {Error} when it is not */
export function parsePrivateKey(seed: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8_PREFIX, Buffer.from(seed, "base64url")]), format: "der", type: "pkcs8" });
}

/** Public half of a signing key: base64url of its 32 bytes, the value of `MCP_TOKEN_PUBLIC_KEY`. */
export function publicKey(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: "jwk" }).x!;
}

/** Key object of a `MCP_TOKEN_PUBLIC_KEY`. @throws {Error} when it is not base64url of 32 bytes */
export function parsePublicKey(text: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" });
}

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const HEADER = segment({ alg: "EdDSA", typ: "JWT" });

/** Compact JWT, alg EdDSA. The same claims give the same token. */
export function signJwt(claims: object, privateKey: KeyObject): string {
  const signed = `${HEADER}.${segment(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
}

/** Claims of a JWT made by `signJwt`, or null where the header, the form or the signature is wrong. Check their shape. */
export function verifyJwt(jwt: string, key: KeyObject): unknown {
  const [header, claims, signature, ...rest] = jwt.split(".");
  if (header !== HEADER || !claims || !signature || rest.length > 0) return null;
  if (!verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"))) return null;
  try {
    return JSON.parse(Buffer.from(claims, "base64url").toString());
  } catch {
    return null;
  }
}

const salt = (key: string, store: Store, identity: string, bytes: number): Buffer =>
  createHmac("sha256", key).update(`salt:${store}:${identity}`).digest().subarray(0, bytes);

/** `password_hash` of a RabbitMQ user (rabbit_password_hashing_sha256): base64(salt ‖ SHA-256(salt ‖ password)). */
export function rabbitmqHash(key: string, identity: string): string {
  const salted = salt(key, "rabbitmq", identity, 4);
  const digest = createHash("sha256").update(salted).update(derivePassword(key, "rabbitmq", identity)).digest();
  return Buffer.concat([salted, digest]).toString("base64");
}

/** SHA-256 in hexadecimal, as Redis' ACL files take it after `#`. */
export const sha256Hex = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** SCRAM-SHA-256 verifier of an identity's PostgreSQL password, as `CREATE ROLE … PASSWORD` takes it. */
export function scramVerifier(key: string, identity: string): string {
  const salted = salt(key, "postgres", identity, 16);
  const password = pbkdf2Sync(derivePassword(key, "postgres", identity), salted, SCRAM_ITERATIONS, 32, "sha256");
  const clientKey = createHmac("sha256", password).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", password).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salted.toString("base64")}$${storedKey}:${serverKey}`;
}
