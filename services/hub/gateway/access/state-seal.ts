/**
 * A backend's `requestState`, sealed: it goes through the client's hands, and comes back from whoever has it. Only the
 * caller that got it can give it back, for the same call of the same server, for a while; and nobody can read it.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

export const STATE_LIFETIME_MS = 600_000;
const PREFIX = "s1.";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a state belongs to. */
export interface Binding {
  caller: string;
  server: string;
  method: string;
  name: string;
  /** Of the call: a state that was given for one input is not one for another. */
  input: unknown;
}

export class StateSeal {
  readonly #key: Buffer;
  readonly #now: () => number;

  /** @param secret the same in every hub of a stack */
  constructor(secret: string, now: () => number = Date.now) {
    this.#key = Buffer.from(hkdfSync("sha256", secret, "flash-loan-mcp", "gateway request state", 32));
    this.#now = now;
  }

  seal(state: string, binding: Binding): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv).setAAD(digest(binding));
    const sealed = Buffer.concat([cipher.update(JSON.stringify([this.#now() + STATE_LIFETIME_MS, state])), cipher.final()]);
    return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** @returns null for what was not sealed here, was altered, belongs to another call or caller, or is too old */
  open(sealed: string, binding: Binding): string | null {
    if (!sealed.startsWith(PREFIX)) return null;
    const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64url");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, IV_BYTES))
        .setAAD(digest(binding)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
      const [expiresAt, state] = JSON.parse(text) as [number, string];
      return expiresAt > this.#now() ? state : null;
    } catch {
      return null;
    }
  }
}

function digest({ caller, server, method, name, input }: Binding): Buffer {
  return createHash("sha256").update(JSON.stringify([caller, server, method, name, sorted(input ?? {})])).digest();
}

/** A client may write its arguments in another order the second time. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]);
}
