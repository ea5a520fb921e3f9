import { createHash } from "node:crypto";

/** SHA-256 over the sorted `path → blob` list: the same tree has the same digest, in whatever order it was read. */
export function treeDigest(files: readonly { path: string; sha1: string }[]): string {
  const hash = createHash("sha256");
  const lines = files.map(({ path, sha1 }) => `${sha1} ${path}\0`);
  for (const line of lines.sort()) hash.update(line);
  return hash.digest("hex");
}
