/** Pages of logs: how far one call scans, and the cursor that a caller hands back. */
import { createHash } from "node:crypto";
import { UserFault } from "../../../kit/errors.ts";

/** Blocks one call scans at most; the cursor goes on from there. */
export const MAX_SCAN_BLOCKS = 10_000;
/** Blocks asked of the node at once: public endpoints refuse more than 1 000 to 10 000. */
export const WINDOW_BLOCKS = 2_000;

export interface Position {
  /** Block to go on from. */
  block: number;
  /** First log index in that block not yet given. */
  logIndex: number;
  /** Last block of the query, fixed by the first page so that pages agree while the chain grows. */
  toBlock: number;
}

/** Short digest of what a query filters by: a cursor serves the query it came from, and no other. */
export const filterDigest = (filter: unknown): string => createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 12);

export function writeCursor(position: Position, digest: string): string {
  return Buffer.from(`1.${position.block}.${position.logIndex}.${position.toBlock}.${digest}`).toString("base64url");
}

/** @throws {UserFault} on a cursor that is not ours, or is another query's */
export function readCursor(cursor: string, digest: string): Position {
  const match = /^1\.(\d{1,15})\.(\d{1,9})\.(\d{1,15})\.([\w-]{12})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"));
  if (!match) throw new UserFault("This cursor is not one of get_logs: pass nextCursor unchanged, or leave it out to begin again.");
  if (match[4] !== digest) throw new UserFault("This cursor belongs to another query: repeat address, event, match and topics as they were, or leave the cursor out.");
  return { block: Number(match[1]), logIndex: Number(match[2]), toBlock: Number(match[3]) };
}

/** The next window `[from, to]`, both included, or null when the scan has reached an end. */
export function nextWindow(from: number, scanEnd: number, size: number): { from: number; to: number } | null {
  return from > scanEnd ? null : { from, to: Math.min(from + size - 1, scanEnd) };
}

/** Whether an error of the node means that the answer would be too large, so that fewer blocks may go through. */
export const wantsFewerBlocks = (message: string): boolean =>
  /too many|too large|more than \d+|limit exceeded|exceed|response size|range|timeout|timed out/i.test(message);
