/**
 * Build contexts under `.mcp/stage/<image>/<hash>`. The hash covers content and normalised modes, so an image's name
 * says what is in it: an unchanged one is no work, and a changed one replaces exactly its containers.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StagedMarket } from "../../images/infrastructure/devnet/market/stage.ts";
import type { Build } from "../../plan/service-spec.ts";
import { bundleChanged, type Bundle } from "./bundle.ts";
import { contextHash, contextItems, type ContextItem } from "./context.ts";

/** Where contexts lie, relative to the checkout. */
const STAGE = ".mcp/stage";
/** Where markets lie: made once for all contexts that hold them. */
const MARKETS = ".mcp/market";
/** Contexts that nothing names any more are kept this long, for an `up` that may be under way. */
const KEEP_MS = 24 * 3_600_000;

export interface StagedImage {
  /** Name and tag, with the stack's prefix. */
  name: string;
  /** Path of the context relative to the checkout. */
  context: string;
  /** Build arguments that name the images it starts from. */
  buildArgs: Record<string, string>;
}

/**
 * Stages every image that is built.
 *
 * @param root folder of the checkout
 * @param prefix stands before the images' names
 * @param builds bases before what starts from them, as the plan orders them
 * @returns by name of the build
 */
export async function stageImages(root: string, prefix: string, builds: readonly Build[]): Promise<Map<string, StagedImage>> {
  const entries = builds.flatMap((build) => (build.bundle ? [build.bundle] : []));
  const byEntry = new Map(builds.flatMap((build) => (build.bundle ? [[build.bundle.entry, build] as const] : [])));
  const staged = new Map<string, StagedImage>();
  const markets = await stageMarkets(root, builds);
  const describe = (build: Build, bundle?: Bundle): { image: StagedImage; items: ContextItem[] } => {
    const buildArgs = Object.fromEntries(build.bases.map((base) => [`BASE_${base.toUpperCase()}`, staged.get(`base-${base}`)!.name]));
    const items = contextItems(root, build, bundle, markets.get(build.name));
    const hash = contextHash(items, Object.values(buildArgs));
    return { items, image: { name: `${prefix}mcp/${build.name}:${hash}`, context: `${STAGE}/${build.name}/${hash}`, buildArgs } };
  };
  const stage = (build: Build, bundle?: Bundle): void => {
    const { image, items } = describe(build, bundle);
    write(join(root, image.context), items);
    staged.set(build.name, image);
  };

  for (const build of builds) if (!build.bundle) stage(build);
  const bundles = await bundleChanged(root, entries, join(root, STAGE, "bundles.json"), (entry, hash) =>
    !existsSync(join(root, describe(byEntry.get(entry)!, { hash }).image.context)));
  for (const build of builds) if (build.bundle) stage(build, bundles.get(build.bundle.entry)!);
  return staged;
}

/** Markets of the builds that have one, by the build's name. */
async function stageMarkets(root: string, builds: readonly Build[]): Promise<Map<string, StagedMarket>> {
  const markets = new Map<string, StagedMarket>();
  for (const { name, market } of builds) {
    if (!market) continue;
    const { stageMarket } = await import("../../images/infrastructure/devnet/market/stage.ts");
    markets.set(name, await stageMarket(join(root, MARKETS), market));
  }
  return markets;
}

/** Written beside its place and moved there, so that a context is whole or absent. */
function write(target: string, items: readonly ContextItem[]): void {
  if (existsSync(target)) return;
  const half = `${target}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  for (const file of items.flatMap(({ files }) => files())) {
    const to = join(half, file.path);
    mkdirSync(dirname(to), { recursive: true });
    file.write(to);
    chmodSync(to, file.executable ? 0o755 : 0o644);
  }
  try {
    renameSync(half, target);
  } catch (error) {
    rmSync(half, { recursive: true });
    // Somebody else wrote the same one meanwhile.
    if (!existsSync(target)) throw error;
  }
  prune(dirname(target), target);
}

function prune(folder: string, current: string): void {
  const oldest = Date.now() - KEEP_MS;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path !== current && statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true, force: true });
  }
}
