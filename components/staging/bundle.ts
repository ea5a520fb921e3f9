/** Services bundled by esbuild, all in one go, and not at all while nothing they are made from has changed. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildFailure } from "esbuild";
import { StagingError } from "./packages.ts";

export interface Entry { entry: string; externalPackages: readonly string[] }

/** A bundle by its hash; its text only where it was made now. */
export interface Bundle { hash: string; text?: string }
interface Made extends Required<Bundle> { inputs: string[] }

/** What CommonJS packages expect to find, in an ES module. */
const BANNER = 'import { createRequire as __mcpCreateRequire } from "node:module";\n'
  + "const require = __mcpCreateRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;";

/** Options of the bundler are inputs too. */
const OWN_SOURCE = "components/staging/bundle.ts";

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** One character beyond Latin-1 makes V8 keep a whole source as two-byte text: 6 MiB a process. Left over in regular expressions and comments. */
const ascii = (text: string): string =>
  text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/**
 * Makes every bundle.
 *
 * @param root folder of the checkout; entries are relative to it
 * @throws {StagingError} naming file and line where a source cannot be bundled
 */
export async function bundle(root: string, entries: readonly Entry[]): Promise<Map<string, Made>> {
  // Loaded late: 30 ms that an unchanged stack does not spend.
  const { build } = await import("esbuild");
  const groups = Map.groupBy(entries, ({ externalPackages }) => [...externalPackages].toSorted().join(" "));
  const results = await Promise.all([...groups.values()].map((group) => build({
    absWorkingDir: root,
    entryPoints: group.map(({ entry }) => ({ in: entry, out: entry })),
    external: [...group[0]!.externalPackages],
    outdir: ".",
    outExtension: { ".js": ".js" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node24",
    legalComments: "none",
    // 3 MiB a process, and stack traces keep their names.
    minifyWhitespace: true,
    logLevel: "silent",
    banner: { js: BANNER },
  }))).catch((failure: BuildFailure) => {
    throw new StagingError(failure.errors.map(({ text, location }) =>
      `${location ? `${location.file}:${location.line}:${location.column + 1}: ` : ""}${text}`).join("\n"), { cause: failure });
  });
  const bundles = results.flatMap(({ outputFiles, metafile }) => outputFiles.map((file) => {
    const output = metafile.outputs[file.path.slice(root.length + 1)]!;
    const text = ascii(file.text);
    return [output.entryPoint!, { text, hash: sha256(text), inputs: Object.keys(output.inputs) }] as const;
  }));
  return new Map(bundles);
}

/** What an entry was made from: paths with their stamps, and the hash of what came out. */
interface Known { key: string; inputs: Record<string, string>; hash: string }

/** Size and time of change: what make goes by. */
function stamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.size} ${stats.mtimeMs}` : "";
}

/**
 * Hashes of all bundles; only those are made whose inputs have changed, or whose text is wanted.
 *
 * @param memory file that remembers inputs and hashes between runs
 * @param wanted says which bundles' texts are needed, because nothing is staged for them
 */
export async function bundleChanged(
  root: string, entries: readonly Entry[], memory: string, wanted: (entry: string, hash: string) => boolean,
): Promise<Map<string, Bundle>> {
  const stamps = new Map<string, string>();
  const stampOf = (path: string): string => {
    const seen = stamps.get(path) ?? stamp(join(root, path));
    stamps.set(path, seen);
    return seen;
  };
  const key = (entry: Entry): string =>
    sha256(JSON.stringify([entry.externalPackages, ...["package-lock.json", "tsconfig.json", OWN_SOURCE].map(stampOf)]));
  const recalled = recall(memory);
  const unchanged = (entry: Entry): boolean => {
    const known = recalled[entry.entry];
    return known !== undefined && known.key === key(entry) && !wanted(entry.entry, known.hash)
      && Object.entries(known.inputs).every(([path, seen]) => stampOf(path) === seen);
  };
  const changed = entries.filter((entry) => !unchanged(entry));
  const made = changed.length > 0 ? await bundle(root, changed) : new Map<string, Made>();
  if (made.size > 0) {
    remember(memory, Object.fromEntries(entries.map((entry) => {
      const fresh = made.get(entry.entry);
      return [entry.entry, fresh
        ? { key: key(entry), inputs: Object.fromEntries(fresh.inputs.map((path) => [path, stampOf(path)])), hash: fresh.hash }
        : recalled[entry.entry]!];
    })));
  }
  return new Map(entries.map(({ entry }) => [entry, made.get(entry) ?? { hash: recalled[entry]!.hash }]));
}

function recall(path: string): Record<string, Known> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, Known>;
  } catch {
    return {};
  }
}

function remember(path: string, known: Record<string, Known>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(known));
  renameSync(`${path}.${process.pid}`, path);
}
