import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { checkFilters, filterConditions } from "../filters.ts";
import { Parameters } from "../parameters.ts";
import { filters, out, reads } from "../schemas.ts";

const Found = z.object({
  name: z.string().describe("As it is declared."),
  kind: out.kind,
  repository: out.repository,
  revision: out.revision,
  path: out.path,
  language: out.language,
  startLine: out.startLine,
  endLine: out.endLine,
  scope: out.scope,
  signature: out.signature,
});

const CONDITIONS = {
  exact: (name: string) => `s.name = ${name}`,
  insensitive: (name: string) => `s.folded = code_index.fold(${name})`,
  // Written out as a pattern, so that the index over folded names serves it.
  prefix: (name: string) => `s.folded LIKE regexp_replace(code_index.fold(${name}), '([\\\\%])', '\\\\\\1', 'g') || '%'`,
};

export const findSymbol = defineTool<Deps>()({
  name: "find_symbol",
  title: "Find a definition",
  description: "Finds where functions, classes, methods, types, contracts and other symbols are defined, by name. Uses of a name are found by search_code.",
  input: z.strictObject({
    name: z.string().trim().min(1).max(200).describe("Name without its scope, as in `quote`; or its beginning with match prefix."),
    match: z.enum(["exact", "insensitive", "prefix"]).default("exact").describe("insensitive: fooBar, FooBar and foo_bar are the same. prefix: names that begin with it, likewise."),
    kind: z.string().min(1).max(50).optional().describe("Only this kind, as in function, class, method, interface, contract or event."),
    ...filters,
    limit: z.int().min(1).max(200).default(20).describe("Symbols in the answer at most."),
  }),
  output: z.object({
    symbols: z.array(Found).describe("Names spelled as asked for first, then shorter before longer."),
    more: z.boolean().describe("There are more than the limit: raise it, or filter."),
    hint: z.string().nullable().describe("What to try when nothing was found; null otherwise."),
  }),
  annotations: reads,
  async handler({ name, match, kind, repository, path, language, limit }, { deps }) {
    const parameters = new Parameters();
    const given = `${parameters.add(name)}::text`;
    const rows = await deps.query<z.output<typeof Found>>(
      `SELECT s.name, s.kind, r.name AS repository, r.commit AS revision, f.path, b.language, s.line AS "startLine", s.end_line AS "endLine", s.scope, s.signature
         FROM code_index.symbols s JOIN code_index.blobs b ON b.id = s.blob_id
         JOIN code_index.files f ON f.blob_id = b.id JOIN code_index.repositories r ON r.id = f.repository_id
        WHERE ${CONDITIONS[match](given)}${kind === undefined ? "" : ` AND lower(s.kind) = lower(${parameters.add(kind)})`}${filterConditions({ repository, path, language }, parameters)}
        ORDER BY s.name = ${given} DESC, length(s.name), s.name COLLATE "C", r.name COLLATE "C", f.path COLLATE "C", s.line, s.ordinal
        LIMIT ${parameters.add(limit + 1)}`, parameters.values);
    if (rows.length === 0) await checkFilters(deps, { repository, path, language });
    return { symbols: rows.slice(0, limit), more: rows.length > limit, hint: rows.length > 0 ? null : hintFor(name, match, kind) };
  },
});

function hintFor(name: string, match: keyof typeof CONDITIONS, kind: string | undefined): string {
  const wider = match === "exact" ? 'match "insensitive" or "prefix"' : match === "insensitive" ? 'match "prefix"' : "a shorter beginning";
  return `No ${kind ?? "symbol"} is defined by the name ${name}. Try ${wider}${kind === undefined ? "" : ", leave out kind"}, or search_code, which also finds uses.`;
}
