import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { NothingIndexed } from "../index-database.ts";
import { out, reads } from "../schemas.ts";

const Repository = z.object({
  name: out.repository,
  source: z.string().describe("URL it was fetched from, or `workspace` for the stack's mounted workspace."),
  revision: out.revision,
  requested: z.string().nullable().describe("Branch, tag or commit that was asked for; null for the default branch and the workspace."),
  paths: z.array(z.string()).describe("Path prefixes the index is restricted to; empty for everything."),
  files: z.int().describe("Files of the tree."),
  searchableFiles: z.int().describe("Of those, with text in the index: not binary, minified or too large."),
  symbols: z.int().describe("Definitions found in them."),
  languages: z.record(z.string(), z.int()).describe("Searchable files by language."),
  indexedAt: z.string().nullable().describe("When its content last changed in the index, ISO 8601."),
  ageSeconds: z.int().nullable().describe("Seconds since then."),
});

export const listRepositories = defineTool<Deps>()({
  name: "list_repositories",
  title: "List indexed repositories",
  description: "Lists what is indexed: each repository with its revision, files, symbols, languages, and how old its content in the index is.",
  input: z.strictObject({}),
  output: z.object({
    repositories: z.array(Repository).describe("In order of name."),
    hint: z.string().nullable().describe("How to index a first repository; null when there is one."),
  }),
  annotations: reads,
  async handler(_input, { deps }) {
    const repositories = await readRepositories(deps);
    return { repositories, hint: repositories.length > 0 ? null : new NothingIndexed().message };
  },
});

/** Nothing indexed is an answer here, not a fault. */
async function readRepositories({ query }: Deps): Promise<z.input<typeof Repository>[]> {
  try {
    const rows = await query<Omit<z.input<typeof Repository>, "indexedAt"> & { indexedAt: Date | null }>(
      `SELECT r.name, r.source, r.commit AS revision, r.requested, r.paths, r.indexed_at AS "indexedAt",
              floor(extract(epoch FROM greatest(now() - r.indexed_at, interval '0')))::int AS "ageSeconds",
              (SELECT count(*)::int FROM code_index.files f WHERE f.repository_id = r.id) AS files,
              (SELECT count(*)::int FROM code_index.files f JOIN code_index.blobs b ON b.id = f.blob_id
                WHERE f.repository_id = r.id AND b.skipped IS NULL) AS "searchableFiles",
              (SELECT count(*)::int FROM code_index.files f JOIN code_index.symbols s USING (blob_id) WHERE f.repository_id = r.id) AS symbols,
              (SELECT coalesce(jsonb_object_agg(language, files), '{}') FROM (
                 SELECT b.language, count(*)::int AS files FROM code_index.files f JOIN code_index.blobs b ON b.id = f.blob_id
                  WHERE f.repository_id = r.id AND b.skipped IS NULL GROUP BY 1) l) AS languages
         FROM code_index.repositories r ORDER BY r.name COLLATE "C"`);
    return rows.map((row) => ({ ...row, indexedAt: row.indexedAt?.toISOString() ?? null }));
  } catch (error) {
    if (error instanceof NothingIndexed) return [];
    throw error;
  }
}
