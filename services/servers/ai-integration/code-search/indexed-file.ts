/** One file of the index, by its path. */
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";
import { checkFilters } from "./filters.ts";
import { normalizePath } from "./path-filter.ts";

export interface IndexedFile {
  blobId: string;
  repository: string;
  revision: string | null;
  path: string;
  language: string;
  lineCount: number;
  /** Why it has no text in the index; null when it has. */
  skipped: "binary" | "too_large" | "minified" | null;
}

const REASONS = { binary: "binary", too_large: "too large", minified: "minified" };

/** @throws {UserFault} when there is none, or several, or one without text */
export async function findFile(deps: Deps, given: string, repository: string | undefined): Promise<IndexedFile> {
  const path = normalizePath(given);
  const files = await deps.query<IndexedFile>(
    `SELECT b.id AS "blobId", r.name AS repository, r.commit AS revision, f.path, b.language, b.line_count AS "lineCount", b.skipped
       FROM code_index.files f JOIN code_index.repositories r ON r.id = f.repository_id JOIN code_index.blobs b ON b.id = f.blob_id
      WHERE f.path = $1 AND ($2::text IS NULL OR r.name = $2) ORDER BY r.name`, [path, repository ?? null]);
  const [file] = files;
  if (!file) throw await missing(deps, path, repository);
  if (files.length > 1) {
    throw new UserFault(`${path} is in several repositories: ${files.map((one) => one.repository).join(", ")}. Say which in repository.`);
  }
  if (file.skipped !== null) throw new UserFault(`${path} is ${REASONS[file.skipped]}: the index knows that it is there, and holds no text of it.`);
  return file;
}

/** Files of the same name are what a wrong folder was meant to lead to. */
async function missing(deps: Deps, path: string, repository: string | undefined): Promise<UserFault> {
  await checkFilters(deps, { repository });
  const name = path.slice(path.lastIndexOf("/") + 1);
  const similar = await deps.query<{ repository: string; path: string }>(
    `SELECT r.name AS repository, f.path FROM code_index.files f JOIN code_index.repositories r ON r.id = f.repository_id
      WHERE (lower(f.path) = lower($1) OR right(lower(f.path), length($1) + 1) = '/' || lower($1)) AND ($2::text IS NULL OR r.name = $2)
      ORDER BY length(f.path), f.path, r.name LIMIT 5`, [name, repository ?? null]);
  const next = similar.length > 0
    ? `Files of that name: ${similar.map((one) => `${one.path} (${one.repository})`).join(", ")}.`
    : "Find it with search_code or find_symbol, and the path filter; list_repositories tells how old the index is.";
  return new UserFault(`The index has no file ${path}${repository === undefined ? "" : ` in ${repository}`}. ${next}`);
}
