/** Rehearsals leave a line a block: what sent nothing is forgotten after a day; what was signed is kept. */
import { sleep } from "../../kit/backoff.ts";
import type { Books } from "./books.ts";

const KEPT_MS = 24 * 3_600_000;
const EVERY_MS = 600_000;

/** @param signal ends it */
export async function keepBooksShort(books: Pick<Books, "forgetUnsent">, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    await books.forgetUnsent(new Date(Date.now() - KEPT_MS)).catch(onError);
    await sleep(EVERY_MS, signal).catch(() => undefined);
  }
}
