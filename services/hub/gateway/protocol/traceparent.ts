/** New ids for a trace (W3C Trace Context, level 1). */
import { randomFillSync } from "node:crypto";

const BYTES = 24;
/** Asking the system costs the same for a few bytes as for thousands. */
const pool = Buffer.alloc(BYTES * 128);
let next = pool.length;

/** Not sampled: whoever gets it decides for itself. */
export function newTraceparent(): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const hex = pool.toString("hex", next, next += BYTES);
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}
