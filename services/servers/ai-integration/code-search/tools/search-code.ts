import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { checkFilters } from "../filters.ts";
import { readCursor, searchDigest, writeCursor } from "../page-cursor.ts";
import { enclosingSymbols, findPassages, RANKED } from "../passages.ts";
import { identifiers, parseQuery, wanted } from "../query-syntax.ts";
import { filters, out, reads } from "../schemas.ts";
import { snippetOf } from "../snippet.ts";

export const searchCode = defineTool<Deps>()({
  name: "search_code",
  title: "Search code",
  description: "Finds passages of indexed code by words and identifiers, best first: where a definition has the name asked for, then by how the words occur. parseHeader, parse_header and `parse header` find each other.",
  input: z.strictObject({
    query: z.string().min(1).max(500).describe("Words or code. All must occur in one passage. `\"a phrase\"` in that order, `-without`, `prefix*`, `this OR that`; punctuation does not count."),
    match: z.enum(["all", "any"]).default("all").describe("any: one of the words suffices."),
    ...filters,
    snippetLines: z.int().min(1).max(60).default(12).describe("Lines shown of each passage at most."),
    limit: z.int().min(1).max(50).default(10).describe("Results in the answer at most."),
    cursor: z.string().max(2_000).optional().describe("nextCursor of the previous page, with query, match and filters unchanged."),
  }),
  output: z.object({
    results: z.array(z.object({
      repository: out.repository,
      revision: out.revision,
      path: out.path,
      language: out.language,
      startLine: z.int().describe("First line of the snippet, from 1."),
      endLine: z.int().describe("Last line of the snippet, included."),
      snippet: z.string().describe("The lines of the passage that show best why it was found; read_lines gives more."),
      symbol: z.object({
        name: z.string().describe("Its name."), kind: out.kind, line: z.int().describe("Where it is declared."), scope: out.scope,
      }).nullable().describe("The definition whose name answers the query, else the one around the snippet; null outside any."),
      score: z.number().describe("Comparable within one search only."),
    })).describe("Best first."),
    nextCursor: z.string().nullable().describe("For the next page; null when this is the last."),
    complete: z.boolean().describe(`False when more than ${RANKED} passages match and only the best of them are ranked: narrow the search.`),
    hint: z.string().nullable().describe("What to try when nothing was found; null otherwise."),
  }),
  annotations: reads,
  async handler({ query: typed, match, repository, path, language, snippetLines, limit, cursor }, { deps }) {
    const query = parseQuery(typed, match === "any");
    const digest = searchDigest([typed, match, repository, path, language]);
    const after = cursor === undefined ? null : readCursor(cursor, digest);
    const found = await findPassages(deps, query, { repository, path, language }, after, limit);
    if (found.length === 0 && !after) await checkFilters(deps, { repository, path, language });
    const page = found.slice(0, limit);
    const names = identifiers(query);
    const snippets = page.map((hit) => snippetOf(hit.text, hit.startLine, names, snippetLines, hit.symbol?.line ?? null));
    const around = page.length === 0 ? [] : await enclosingSymbols(deps, page.map(({ blobId }, index) => ({ blobId, line: snippets[index]!.focusLine })));
    const last = found.length > limit ? page.at(-1)! : null;
    return {
      results: page.map(({ repository, revision, path, language, symbol, score }, index) => {
        const { startLine, endLine, text } = snippets[index]!;
        return { repository, revision, path, language, startLine, endLine, snippet: text, symbol: symbol ?? around[index]!, score };
      }),
      nextCursor: last && writeCursor({ score: last.score, repository: last.repository, path: last.path, line: last.startLine }, digest),
      complete: (found[0]?.ranked ?? 0) < RANKED,
      hint: found.length > 0 || after ? null : hintFor(match === "all" && wanted(query).length > 1),
    };
  },
});

const hintFor = (severalWanted: boolean): string => severalWanted
  ? 'No passage holds all of it. Try match "any", fewer words, or a prefix as in `parse*`.'
  : "No passage holds it. Try a prefix as in `parse*`, or find_symbol with match \"prefix\"; list_repositories tells what is indexed, and how old it is.";
