/** Images of services of ours: a bundle on the Node base, or on a Dockerfile of their own. */
import type { Build, ImageSource } from "./service-spec.ts";

/** Name in `bases` of the image that every Node service starts from. */
export const NODE_BASE = "node";
const DEFAULT_DOCKERFILE = "images/service";

/** etcd3 reads its protocol files at `../proto` from its own file, which is `/app/main.js` once bundled. */
const BUNDLED_FILES = { proto: "etcd3/proto" };

/** Folders below `images/` that hold a Dockerfile, as in `servers/toolbox`. */
export type Dockerfiles = ReadonlySet<string>;

/**
 * @param own folder below `images/` that is used where it exists, as in `agents/builder`
 * @param entry bundled to `app/main.js`
 */
export function nodeImage(name: string, entry: string, own: string, dockerfiles: Dockerfiles, externalPackages: string[] = []): ImageSource {
  const dockerfile = dockerfiles.has(own) ? `images/${own}` : DEFAULT_DOCKERFILE;
  return {
    build: {
      name,
      dockerfile,
      context: dockerfile,
      bundle: { entry, externalPackages },
      bases: [NODE_BASE],
      packageFiles: BUNDLED_FILES,
    },
  };
}

/** Images that others start from, by the name they have in `bases`. @param arch the engine's, as Node names it */
export function baseBuilds(arch: string): Record<string, Build> {
  return {
    [NODE_BASE]: {
      name: `base-${NODE_BASE}`,
      dockerfile: "images/base/node",
      context: "images/base/node",
      bases: [],
      packageFiles: { node: `node-linux-${arch}/bin/node` },
    },
  };
}
