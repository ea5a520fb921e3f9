/** Finding tools by words, for clients that do not want hundreds of definitions in front of them. Pure. */
import type { ToolEntry } from "./merge.ts";

export interface FoundTool { name: string; score: number; definition: Record<string, unknown> }

/** Where a word stands tells how much it means. */
const WEIGHTS = { name: 6, title: 3, description: 1, parameters: 0.5 } as const;

const words = (text: string): string[] => (text.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().match(/[a-z0-9]+/g) ?? []);
/** Plurals and tenses, roughly: enough to find `hashes` by `hash`. */
const stem = (word: string): string => (word.length > 4 ? word.replace(/(ing|ed|es|s)$/, "") : word);
const stems = (text: string): Set<string> => new Set(words(text).map(stem));

/**
 * Tools that have a word of the query, best first, equals by name. A rare word counts more than one that every tool has.
 *
 * @param query words in any order; an empty one finds everything, by name
 */
export function findTools(tools: readonly ToolEntry[], query: string, limit: number): { found: FoundTool[]; total: number } {
  const wanted = [...stems(query)];
  const fields = tools.map(fieldsOf);
  const rarity = new Map(wanted.map((word) => {
    const holders = fields.filter((field) => Object.values(field).some((text) => text.has(word))).length;
    return [word, Math.log(1 + tools.length / (1 + holders))];
  }));
  const scored = tools.map((tool, index): FoundTool => {
    let score = wanted.length === 0 ? 1 : 0;
    for (const word of wanted) {
      for (const [field, weight] of Object.entries(WEIGHTS)) if (fields[index]![field as keyof typeof WEIGHTS].has(word)) score += weight * rarity.get(word)!;
    }
    return { name: tool.name, score, definition: tool.definition };
  }).filter(({ score }) => score > 0);
  scored.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return { found: scored.slice(0, limit), total: scored.length };
}

function fieldsOf({ name, definition }: ToolEntry): Record<keyof typeof WEIGHTS, Set<string>> {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const properties = (definition["inputSchema"] as { properties?: object } | undefined)?.properties;
  return {
    name: stems(name.replaceAll(/[._-]/g, " ")),
    title: stems(text(definition["title"])),
    description: stems(text(definition["description"]).slice(0, 4_000)),
    parameters: stems(Object.keys(properties ?? {}).join(" ")),
  };
}
