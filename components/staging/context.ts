/** What a build context is made of. Each item says cheaply what stands for its content; files are looked at when written. */
import { createHash } from "node:crypto";
import { constants, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StagedMarket } from "../../images/infrastructure/devnet/market/stage.ts";
import type { Build } from "../../plan/service-spec.ts";
import type { Bundle } from "./bundle.ts";
import { filesOf, packageClosure, packageOf, StagingError } from "./packages.ts";

export interface ContextFile { path: string; executable: boolean; write: (to: string) => void }
/** `key` changes when, and only when, one of the files does: in content, path or normalised mode. */
export interface ContextItem { key: string; files: () => ContextFile[] }

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

function copied(from: string, path: string): ContextFile {
  return {
    path,
    executable: (statSync(from).mode & 0o100) !== 0,
    write: (to) => copyFileSync(from, to, constants.COPYFILE_FICLONE),
  };
}

/** Every wanted file of a folder of ours. */
function sources(root: string, folder: string, wanted: (path: string) => boolean, target = ""): ContextItem[] {
  return filesOf(join(root, folder)).filter(wanted).map((path) => {
    const from = join(root, folder, path);
    const file = copied(from, join(target, path));
    return { key: `${file.executable ? "755" : "644"} ${file.path} ${sha256(readFileSync(from))}`, files: () => [file] };
  });
}

/** A file or folder below node_modules, known by the version of its package. */
function packageFiles(root: string, target: string, path: string): ContextItem {
  const from = join(root, "node_modules", path);
  if (!existsSync(from)) throw new StagingError(`node_modules/${path} is missing: run npm ci`);
  return {
    key: `${target} ${path} ${packageOf(root, path)}`,
    files: () => filesOf(from).map((file) => copied(join(from, file), join(target, file))),
  };
}

function externalPackages(root: string, names: readonly string[]): ContextItem[] {
  return packageClosure(root, names).map(({ path, id }) => ({
    key: `app/${path} ${id}`,
    files: () => filesOf(join(root, path)).map((file) => copied(join(root, path, file), join("app", path, file))),
  }));
}

/** SQL that a service reads at run time from beside its entry point. */
function migrations(root: string, entry: string): ContextItem[] {
  const folder = join(dirname(entry), "migrations");
  if (!existsSync(join(root, folder))) return [];
  return sources(root, folder, (path) => path.endsWith(".sql"), "app/migrations");
}

/** Says that main.js is an ES module: without it Node parses megabytes as CommonJS first. */
const MANIFEST = '{"type":"module"}\n';

function bundled({ hash, text }: Bundle): ContextItem {
  const file = (path: string, content: () => string): ContextFile =>
    ({ path, executable: false, write: (to) => writeFileSync(to, content()) });
  return { key: `app/main.js ${hash} ${MANIFEST}`, files: () => [file("app/main.js", () => text!), file("app/package.json", () => MANIFEST)] };
}

/** The market's state, and its name in a file by which a container tells whether its chain grew from this one. */
function marketFiles({ key, stateFile }: StagedMarket): ContextItem {
  return {
    key: `market ${key}`,
    files: () => [
      copied(stateFile, "market/market.json"),
      { path: "market/market.id", executable: false, write: (to) => writeFileSync(to, `${key}\n`) },
    ],
  };
}

/**
 * TypeScript beside a Dockerfile makes part of the context, and is none.
 *
 * @throws {StagingError} naming a Dockerfile or package that is missing
 */
export function contextItems(root: string, build: Build, bundle: Bundle | undefined, market: StagedMarket | undefined): ContextItem[] {
  const dockerfile = existsSync(join(root, build.dockerfile, "Dockerfile"));
  if (!dockerfile) throw new StagingError(`${build.dockerfile}/Dockerfile is missing; image "${build.name}" is built from it`);
  return [
    ...sources(root, build.dockerfile, (path) => path === "Dockerfile"),
    ...(build.context === null ? [] : sources(root, build.context, (path) => path !== "Dockerfile" && !path.endsWith(".ts"))),
    ...Object.entries(build.packageFiles ?? {}).map(([target, path]) => packageFiles(root, target, path)),
    ...externalPackages(root, build.bundle?.externalPackages ?? []),
    ...(build.bundle ? migrations(root, build.bundle.entry) : []),
    ...(bundle ? [bundled(bundle)] : []),
    ...(market ? [marketFiles(market)] : []),
  ];
}

/** 12 hexadecimal digits for the items and the images they are built on. */
export function contextHash(items: readonly ContextItem[], bases: readonly string[]): string {
  return sha256([...items.map(({ key }) => key).toSorted(), ...bases].join("\n")).slice(0, 12);
}
