import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { defineAction } from "../../../kit/action.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "../deps.ts";

export const tallyWords = defineAction<Deps>()({
  name: "tally_words",
  description: "Counts how often each word occurs in several texts together, and in how many of them.",
  input: z.strictObject({
    texts: z.array(z.string()).min(1).max(1_000).describe("Plain texts."),
    minCount: z.number().int().min(1).default(1).describe("Words that occur less often are left out."),
  }),
  output: z.object({
    words: z.array(z.object({ word: z.string(), count: z.number().int(), texts: z.number().int() })),
    total: z.number().int().describe("Words counted, those left out included."),
  }),
  async handler({ texts, minCount }, { deps, signal, progress }) {
    const tally = new Map<string, { count: number; texts: number; last: number }>();
    let total = 0;
    for (const [index, text] of texts.entries()) {
      progress(index / texts.length, `text ${index + 1} of ${texts.length}`);
      for (const [match] of text.matchAll(/[\p{L}\p{N}]+/gu)) {
        const word = match.toLowerCase();
        const entry = tally.get(word) ?? { count: 0, texts: 0, last: -1 };
        entry.count++;
        if (entry.last !== index) entry.texts++;
        entry.last = index;
        tally.set(word, entry);
        // Heartbeats and a cancellation get their turn in the middle of long texts, too.
        if (++total % deps.batchWords === 0) {
          await nextTurn();
          signal.throwIfAborted();
        }
      }
    }
    if (total === 0) throw new UserFault("The texts have no words. Give at least one word in `texts`.");
    const words = [...tally].filter(([, { count }]) => count >= minCount).map(([word, { count, texts: spread }]) => ({ word, count, texts: spread }));
    words.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
    return { words, total };
  },
});
