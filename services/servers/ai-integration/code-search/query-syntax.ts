/** What a person types into a search → terms → a tsquery that meets the vectors which code-indexer makes. */
import { UserFault } from "../../../kit/errors.ts";
import type { Parameters } from "./parameters.ts";

export interface Term {
  text: string;
  /** In quotes: its words must follow one another. */
  phrase: boolean;
  excluded: boolean;
}

/** Alternatives, of which one must hold with all its terms. */
export type CodeQuery = Term[][];

const TOKEN = /-?"[^"]*"?|\S+/g;
const SEARCHABLE = /[\p{L}\p{N}]/u;
/** `->`, `--flag` and `-32601` are code, not an exclusion. */
const EXCLUDED = /^-(?=["\p{L}_])/u;

/**
 * Reads `"a phrase"`, `-without`, `prefix*` and `this OR that`; everything else is words, and punctuation between them
 * does not count.
 *
 * @param anyTerm one of the terms suffices
 * @throws {UserFault} where nothing to look for is left
 */
export function parseQuery(text: string, anyTerm = false): CodeQuery {
  const groups: CodeQuery = [[]];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "OR") groups.push([]);
    else {
      const bare = token.replace(EXCLUDED, "");
      const term = { text: bare.replaceAll('"', " ").trim(), phrase: bare.startsWith('"'), excluded: bare !== token };
      if (SEARCHABLE.test(term.text)) groups.at(-1)!.push(term);
    }
  }
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length === 0) throw new UserFault("The query has no word in it: give identifiers or words; punctuation alone is not indexed.");
  if (filled.some((group) => group.every(({ excluded }) => excluded))) {
    throw new UserFault("The query only says what to leave out: add a word to look for (in each alternative of OR).");
  }
  if (!anyTerm) return filled;
  const excluded = filled.flat().filter((term) => term.excluded);
  return wanted(filled).map((term) => [term, ...excluded]);
}

/** Terms that are looked for. */
export const wanted = (query: CodeQuery): Term[] => query.flat().filter(({ excluded }) => !excluded);

/** As `code_index.fold`: fooBar, FooBar and foo_bar meet. */
export const fold = (identifier: string): string => identifier.replaceAll("_", "").toLowerCase();

/** The identifiers looked for, folded, without repetition. */
export function identifiers(query: CodeQuery): string[] {
  const words = wanted(query).flatMap(({ text }) => text.split(/[^\p{L}\p{N}_]+/u)).map(fold);
  return [...new Set(words.filter((word) => word !== ""))];
}

/** SQL of the tsquery. */
export const queryExpression = (query: CodeQuery, parameters: Parameters): string =>
  query.map((group) => `(${group.map((term) => termExpression(term, parameters)).join(" && ")})`).join(" || ");

/** SQL of a tsquery for which any of the terms looked for suffices. */
export const anyTermExpression = (query: CodeQuery, parameters: Parameters): string =>
  wanted(query).map((term) => termExpression(term, parameters)).join(" || ");

function termExpression({ text, phrase, excluded }: Term, parameters: Parameters): string {
  const value = `${parameters.add(text)}::text`;
  // The two halves of a phrase are the two vectors in code_index.document: identifiers whole, and split into words.
  const words = phrase
    ? `(phraseto_tsquery('simple', regexp_replace(replace(${value}, '_', ''), '[^[:alnum:]]+', ' ', 'g')) || phraseto_tsquery('simple', code_index.split(${value})))`
    // Null where PostgreSQL sees no letter in it; an empty tsquery changes nothing.
    : `coalesce(code_index.query(${value}), ''::tsquery)`;
  return excluded ? `!!${words}` : words;
}
