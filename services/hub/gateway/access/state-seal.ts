/**
 * A backend's `requestState`, sealed: it goes through the client's hands, and comes back from whoever has it. Only the
 * caller that got it can give it back, for the same call of the same server, for a while; and nobody can read it.
 */
import { createHash } from "node:crypto";
import { Sealer } from "./sealer.ts";

export const STATE_LIFETIME_MS = 600_000;

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
  readonly #sealer: Sealer;
  readonly #now: () => number;

  /** @param secret the same in every hub of a stack */
  constructor(secret: string, now: () => number = Date.now) {
    this.#sealer = new Sealer(secret, "gateway request state");
    this.#now = now;
  }

  seal(state: string, binding: Binding): string {
    return this.#sealer.seal(JSON.stringify([this.#now() + STATE_LIFETIME_MS, state]), digest(binding));
  }

  /** @returns null for what was not sealed here, was altered, belongs to another call or caller, or is too old */
  open(sealed: string, binding: Binding): string | null {
    const text = this.#sealer.open(sealed, digest(binding));
    if (text === null) return null;
    const [expiresAt, state] = JSON.parse(text) as [number, string];
    return expiresAt > this.#now() ? state : null;
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
