/** A path as a filter: a file, a folder, or a glob → a regular expression of PostgreSQL. */

const escape = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");

export const isGlob = (filter: string): boolean => /[*?{]/.test(filter);

/** Without what people put in front of a path: `./`, `/`. */
export const normalizePath = (path: string): string => path.replace(/^(\.?\/)+/, "");

/**
 * Without wildcards it is a file, or a folder with all below. `*` and `?` stay within a name, `**` crosses folders,
 * `{a,b}` is either; a glob without a slash is about file names, in whatever folder.
 *
 * @returns an anchored expression without back-references
 */
export function pathExpression(filter: string): string {
  const path = normalizePath(filter);
  if (!isGlob(path)) return `^${escape(path.replace(/\/+$/, ""))}(/|$)`;
  const anywhere = path.includes("/") ? "" : "(.*/)?";
  return `^${anywhere}${globBody(path)}$`;
}

function globBody(glob: string): string {
  const PART = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g;
  return [...glob.matchAll(PART)].map(([part]) => {
    if (part === "**/") return "(.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length > 1 && part.startsWith("{")) return `(${part.slice(1, -1).split(",").map(globBody).join("|")})`;
    return escape(part);
  }).join("");
}
