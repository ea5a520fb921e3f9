/** What can be wrong with a chain's answers, by name, so that each can be counted. */

export const CHAIN_FAULTS = [
  "unavailable", "timeout", "rate_limited", "half_answer", "malformed_answer", "refused",
  "wrong_chain", "old_block", "block_gone", "missing_logs", "foreign_log", "gap_too_wide", "wavering_answer",
] as const;
export type ChainFaultReason = (typeof CHAIN_FAULTS)[number];

/** The message tells what was asked, what came, and what is allowed. */
export class ChainFault extends Error {
  override name = "ChainFault";
  readonly reason: ChainFaultReason;
  /** What the node sent beside its error, such as the data of a revert. */
  readonly data: unknown;
  constructor(reason: ChainFaultReason, message: string, data?: unknown) {
    super(message);
    this.reason = reason;
    this.data = data;
  }
}
