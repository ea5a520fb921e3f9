/** Reads git's listings. */
import type { Passed, SourceFile } from "./source.ts";

export interface Listing {
  files: SourceFile[];
  passed: Partial<Record<Passed, number>>;
}

/** Output of `git ls-tree -r -l -z`: `<mode> <type> <object> <size>\t<path>\0`. */
export function parseTree(output: string): Listing {
  const listing: Listing = { files: [], passed: {} };
  for (const record of output.split("\0")) {
    const entry = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([^]+)$/.exec(record);
    if (!entry) continue;
    const [, mode, type, sha1, size, path] = entry;
    if (type === "commit") count(listing.passed, "submodule");
    else if (mode === "120000") count(listing.passed, "symlink");
    else if (type === "blob") listing.files.push({ path: path!, sha1: sha1!, sizeBytes: Number(size) });
  }
  return listing;
}

export function count<K extends string>(counts: Partial<Record<K, number>>, key: K, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
