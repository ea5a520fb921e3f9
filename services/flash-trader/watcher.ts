/** What the hot path tells whoever watches. None of it is waited for, and nothing in it decides. */
import type { Hex } from "viem";
import type { Opportunity } from "../flashloan/opportunity.ts";
import type { Found, Outcome } from "./books/books.ts";
import type { Head } from "../market/chain/answers.ts";
import type { GateName } from "./decide/gates.ts";
import type { FinalStatus } from "./send/track.ts";
import type { TrackedPool } from "../market/state/pool-events.ts";

export interface Round {
  head: Head;
  /** Pools that have another state now; null where the market was read anew. */
  touched: readonly TrackedPool[] | null;
  opportunities: readonly Opportunity[];
  /** Waiting for the node. */
  nodeMs: number;
  totalMs: number;
}

export interface Watcher {
  round?(round: Round): void;
  refused?(gate: GateName, message: string, key: string): void;
  fault?(error: unknown): void;
  halted?(reason: string): void;
  reorganised?(from: Head, to: Head): void;
  rehearsed?(found: Found): void;
  /** @param sinceHeadMs from the head's arrival until the node has the transaction */
  sent?(found: Found, hash: Hex, sinceHeadMs: number): void;
  status?(key: string, status: FinalStatus | "mined" | "sent", outcome: Outcome | null): void;
}

/** One that tells several; an error of one is kept from the others and from the trader. */
export function together(watchers: readonly Watcher[], onError: (error: unknown) => void): Watcher {
  const tell = <Name extends keyof Watcher>(name: Name) => (...words: Parameters<NonNullable<Watcher[Name]>>): void => {
    for (const watcher of watchers) {
      try {
        (watcher[name] as ((...words: unknown[]) => void) | undefined)?.(...words);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    round: tell("round"), refused: tell("refused"), fault: tell("fault"), halted: tell("halted"), reorganised: tell("reorganised"),
    rehearsed: tell("rehearsed"), sent: tell("sent"), status: tell("status"),
  };
}
