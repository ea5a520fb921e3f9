/** Where everything of the command line lies. All paths are absolute. */
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Paths {
  /** The checkout. */
  root: string;
  /** `.mcp`: state, working copies, logs and caches of this checkout; ignored by Git. */
  home: string;
  /** Shared by all checkouts of this user: toolchain and base image, by content. */
  cache: string;
}

/** @param env XDG_CACHE_HOME and HOME are looked at */
export function pathsOf(env: Record<string, string | undefined>): Paths {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const cacheHome = env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache");
  return { root, home: join(root, ".mcp"), cache: join(cacheHome, "flash-loan-mcp") };
}
