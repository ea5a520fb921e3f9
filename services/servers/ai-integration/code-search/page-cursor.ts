/** Where a page of results ends, as the text that a caller hands back. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { UserFault } from "../../../kit/errors.ts";

const Place = z.strictObject({ digest: z.string(), score: z.number(), repository: z.string(), path: z.string(), line: z.int() });

/** The last result of a page: the next begins after it, also when the index has changed meanwhile. */
export type Position = Omit<z.output<typeof Place>, "digest">;

/** Of what a search asks for: a cursor serves the search it came from, and no other. */
export const searchDigest = (search: unknown): string => createHash("sha256").update(JSON.stringify(search)).digest("base64url").slice(0, 12);

export const writeCursor = (position: Position, digest: string): string =>
  Buffer.from(JSON.stringify({ digest, ...position })).toString("base64url");

/** @throws {UserFault} on a cursor that is not ours, or is another search's */
export function readCursor(cursor: string, digest: string): Position {
  const { digest: written, ...position } = decode(cursor);
  if (written !== digest) throw new UserFault("This cursor belongs to another search: repeat query, match and filters as they were, or leave the cursor out.");
  return position;
}

function decode(cursor: string): z.output<typeof Place> {
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw new UserFault("This cursor is not one of search_code: pass nextCursor unchanged, or leave it out to begin again.");
  }
}
