import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { wordsOf } from "../words.ts";

export const listKeywords = defineTool<Deps>()({
  name: "list_keywords",
  title: "List keywords",
  description: "Lists the words that a text uses most, without those that every English text has; ties in alphabetical order.",
  input: z.strictObject({
    text: z.string().max(1_000_000).describe("Plain text, at most a million characters."),
    limit: z.number().int().min(1).max(100).default(10).describe("Most keywords to list."),
  }),
  output: z.object({ keywords: z.array(z.object({ word: z.string(), count: z.number().int() })) }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ text, limit }, { deps }) {
    const counts = new Map<string, number>();
    for (const word of wordsOf(text)) {
      if (!deps.stopWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    if (counts.size === 0) throw new UserFault("The text has no words beside very common ones. Give a longer `text`.");
    const keywords = [...counts].map(([word, count]) => ({ word, count }));
    keywords.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
    return { keywords: keywords.slice(0, limit) };
  },
});
