import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { wordsOf } from "../words.ts";

/** Silent reading of English prose: Brysbaert, "How many words do we read per minute?", 2019. */
const WORDS_PER_MINUTE = 238;

export const measureText = defineTool<Deps>()({
  name: "measure_text",
  title: "Measure a text",
  description: "Counts characters, words and sentences of a text, and estimates how long an adult reads it.",
  input: z.strictObject({ text: z.string().max(1_000_000).describe("Plain text, at most a million characters.") }).meta({ examples: [{ text: "Two words. Two sentences." }] }),
  output: z.object({
    characters: z.number().int().describe("Unicode code points."),
    words: z.number().int(),
    distinctWords: z.number().int(),
    sentences: z.number().int(),
    readingSeconds: z.number().int(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ text }) {
    const words = wordsOf(text);
    if (words.length === 0) throw new UserFault("The text has no words. Give at least one word as `text`.");
    return {
      characters: [...text].length,
      words: words.length,
      distinctWords: new Set(words).size,
      sentences: Math.max(1, text.match(/[.!?\u2026]+(?=\s|$)/g)?.length ?? 0),
      readingSeconds: Math.ceil((words.length / WORDS_PER_MINUTE) * 60),
    };
  },
});
