/** Which Git URLs the indexer follows, and what it calls their repositories. */
import { posix } from "node:path";
import { UserFault } from "../../../kit/errors.ts";

export interface GitSource {
  url: string;
  /** `owner/name`, or the last part of the path where there is no owner. */
  name: string;
}

/**
 * `http`, `https` and `file` only: `ssh` would need keys, `ext` and `fd` run commands. Credentials are refused, because
 * the task that carries them is stored and shown.
 *
 * @param fileRoots folders below which a `file://` repository may lie
 * @throws {UserFault} saying what is allowed instead
 */
export function parseGitUrl(given: string, fileRoots: readonly string[]): GitSource {
  if (!URL.canParse(given)) throw new UserFault(`url: "${given}" is not a URL. Give one like https://host/owner/repository.git.`);
  const url = new URL(given);
  if (!["http:", "https:", "file:"].includes(url.protocol)) {
    throw new UserFault(`url: ${url.protocol}// is not followed. Give an http, https or file URL.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UserFault("url: it carries credentials, and the task that holds them would be stored with them. Use a URL that is readable without.");
  }
  const path = posix.normalize(decodeURIComponent(url.pathname)).replace(/\/+$/, "");
  if (url.protocol === "file:") {
    if (url.host !== "" || !fileRoots.some((root) => path === root || path.startsWith(`${root}/`))) {
      throw new UserFault(`url: file repositories are read below ${fileRoots.join(", ") || "no folder"} only.`);
    }
  }
  const parts = path.replace(/\.git$/, "").split("/").filter((part) => part !== "");
  if (parts.length === 0) throw new UserFault(`url: "${given}" names no repository.`);
  return { url: url.protocol === "file:" ? `file://${path}` : url.href, name: parts.slice(url.protocol === "file:" ? -1 : -2).join("/") };
}

/** Path prefixes without `./`, doubles and trailing slashes. @throws {UserFault} for one that leaves the repository */
export function normalizePaths(paths: readonly string[]): string[] {
  const normal = paths.map((path) => {
    const clean = posix.normalize(path).replace(/\/+$/, "");
    if (clean === ".." || clean.startsWith("../") || posix.isAbsolute(clean)) {
      throw new UserFault(`paths: "${path}" is outside the repository. Paths are relative to its root.`);
    }
    return clean;
  });
  return normal.includes(".") ? [] : [...new Set(normal)].sort();
}

/** No prefixes select everything; a prefix selects itself and what lies below. */
export function isSelected(path: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
