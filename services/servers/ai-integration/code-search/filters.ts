/** The filters of a search as SQL, and why a search with them found nothing. */
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";
import { NothingIndexed } from "./index-database.ts";
import { Parameters } from "./parameters.ts";
import { pathExpression } from "./path-filter.ts";

export interface Filters {
  repository?: string | undefined;
  path?: string | undefined;
  language?: string | undefined;
}

/** Conditions over `r` (repositories), `f` (files) and `b` (blobs), each with ` AND ` in front. */
export function filterConditions({ repository, path, language }: Filters, parameters: Parameters): string {
  return [
    repository === undefined ? "" : ` AND r.name = ${parameters.add(repository)}`,
    path === undefined ? "" : ` AND f.path ~ ${parameters.add(pathExpression(path))}`,
    language === undefined ? "" : ` AND lower(b.language) = lower(${parameters.add(language)})`,
  ].join("");
}

const SHOWN = 20;
const listed = (names: readonly string[]): string => names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ", …" : "");

/**
 * Returns when the filters leave something to search.
 *
 * @throws {NothingIndexed}
 * @throws {UserFault} naming the filter that leaves nothing, and what there is instead
 */
export async function checkFilters({ query }: Deps, filters: Filters): Promise<void> {
  const { repository, path, language } = filters;
  const repositories = (await query<{ name: string }>("SELECT name FROM code_index.repositories ORDER BY name")).map(({ name }) => name);
  if (repositories.length === 0) throw new NothingIndexed();
  if (repository !== undefined && !repositories.includes(repository)) {
    throw new UserFault(`No repository "${repository}" is indexed. There are: ${listed(repositories)}. Index it with the task code-indexer index_repository.`);
  }
  if (path === undefined && language === undefined) return;
  const parameters = new Parameters();
  const rows = await query<{ language: string; files: number; passing: number }>(
    `SELECT b.language, count(*)::int AS files, (count(*) FILTER (WHERE true${filterConditions({ path }, parameters)}))::int AS passing
       FROM code_index.files f JOIN code_index.blobs b ON b.id = f.blob_id JOIN code_index.repositories r ON r.id = f.repository_id
      WHERE b.skipped IS NULL${filterConditions({ repository }, parameters)}
      GROUP BY 1 ORDER BY files DESC, 1`, parameters.values);
  const inLanguage = rows.filter((row) => language === undefined || row.language.toLowerCase() === language.toLowerCase());
  if (inLanguage.length === 0) {
    throw new UserFault(`No indexed file is in the language "${language}". There are: ${listed(rows.map((row) => row.language)) || "none"}.`);
  }
  if (!inLanguage.some(({ passing }) => passing > 0)) {
    throw new UserFault(`No indexed file matches the path "${path}"${language === undefined ? "" : ` in ${language}`}. Paths begin at the repository's root, without its name; ** crosses folders.`);
  }
}
