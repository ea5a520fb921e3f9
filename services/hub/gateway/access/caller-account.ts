/** What a call costs its caller: one of its calls a minute, and a row of the audit log. */
import { send } from "../relay/relay.ts";
import type { Exchange } from "../exchange.ts";
import type { Outcome } from "../relay/answer.ts";
import { errorText, RATE_LIMITED } from "../protocol/refusal.ts";
import type { Audit } from "./audit.ts";
import type { RateLimit } from "./rate-limit.ts";

/** @param target the server's name unless said */
export type Done = (outcome: Outcome, server: string, target?: string) => void;

export class CallerAccount {
  readonly #audit: Audit;
  readonly #rateLimit: RateLimit;
  readonly #callsPerMinute: number;

  /** @param callsPerMinute of a token that says nothing about it */
  constructor(audit: Audit, rateLimit: RateLimit, callsPerMinute: number) {
    this.#audit = audit;
    this.#rateLimit = rateLimit;
    this.#callsPerMinute = callsPerMinute;
  }

  /** The time runs from here; call what is returned once. */
  begin({ request, caller }: Exchange, traceparent: string): Done {
    const startedAt = performance.now();
    return (outcome, server, target = server) => this.#audit({ caller, method: request.method, target, server, traceparent, startedAt }, outcome);
  }

  /** @returns false when the caller has used up its share, which it has been told */
  take({ request, caller, response }: Exchange): boolean {
    const limit = caller.callsPerMinute ?? this.#callsPerMinute;
    const waitSeconds = this.#rateLimit.take(caller.sub, limit);
    if (waitSeconds <= 0) return true;
    const message = `${caller.sub} has used up its ${limit} calls a minute; the next one is free in ${waitSeconds} s.`;
    send(response, errorText(request.id, { code: RATE_LIMITED, message }), 429, { "retry-after": String(waitSeconds) });
    return false;
  }
}
