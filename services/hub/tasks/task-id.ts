/** Task ids: UUID version 7 (RFC 9562), so that ids sort by age and the primary key grows at one end. */
import { randomBytes } from "node:crypto";

let lastMs = 0;
let counter = 0;

/** Ids of one process ascend strictly: within a millisecond the 12 bits after the version count on. */
export function newTaskId(nowMs: number = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = randomBytes(2).readUInt16BE() & 0x3ff;
  } else if (++counter > 0xfff) {
    // The clock stands still or went back: borrow from the next millisecond.
    lastMs += 1;
    counter = 0;
  }
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isTaskId = (text: string): boolean => UUID.test(text);

/** Page cursors: the last id of the page, in a form that invites nobody to take it apart. */
export const encodeCursor = (id: string): string => Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");

/** @returns null for what {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): string | null {
  const hex = Buffer.from(cursor, "base64url").toString("hex");
  if (!/^[\w-]{22}$/.test(cursor) || hex.length !== 32) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
