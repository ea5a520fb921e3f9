/** Files of npm packages that join a build context. Their content is known by name and version, so nothing is hashed. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** What is to be built cannot be: a source is wrong, or a file or package is missing. The message names it. */
export class StagingError extends Error {
  override name = "StagingError";
}

interface Manifest { name: string; version: string; dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }

const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** A package on disk: path relative to the checkout, and `name@version`. */
export interface Package { path: string; id: string }

/** The folder that Node would find `name` in, from `folder` upwards to `root`. */
function resolve(root: string, folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (at === root || at === dirname(at)) return null;
  }
}

/**
 * Packages and everything they depend on, each once.
 *
 * @throws {StagingError} naming a package that is not installed
 */
export function packageClosure(root: string, names: readonly string[]): Package[] {
  const found = new Map<string, Package>();
  const add = (from: string, name: string, optional: boolean): void => {
    const folder = resolve(root, from, name);
    if (!folder) {
      if (optional) return;
      throw new StagingError(`npm package "${name}" is not installed; it is wanted by ${relative(root, from) || "externalPackages"}: run npm ci`);
    }
    const path = relative(root, folder);
    if (found.has(path)) return;
    const { name: actual, version, dependencies, optionalDependencies } = manifest(folder);
    found.set(path, { path, id: `${actual}@${version}` });
    for (const next of Object.keys(dependencies ?? {})) add(folder, next, next in (optionalDependencies ?? {}));
    for (const next of Object.keys(optionalDependencies ?? {})) add(folder, next, true);
  };
  for (const name of names) add(root, name, false);
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** `name@version` of the package that a path below node_modules belongs to. */
export function packageOf(root: string, path: string): string {
  const [first, second] = path.split("/");
  const { name, version } = manifest(join(root, "node_modules", first!.startsWith("@") ? `${first}/${second}` : first!));
  return `${name}@${version}`;
}

/** Files of a folder or a single file, relative to it; other packages inside are left out. */
export function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [""];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesOf(join(path, entry.name)).map((file) => `${entry.name}/${file}`);
    return entry.isFile() ? [entry.name] : [];
  });
}
