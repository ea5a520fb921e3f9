/** A revision of a remote repository, fetched shallow into a scratch folder and read without a checkout. */
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError, UserFault } from "../../../kit/errors.ts";
import { fetchFailure } from "./fetch-failure.ts";
import type { Git } from "./git.ts";
import { parseTree } from "./listing.ts";
import { ObjectReader } from "./object-reader.ts";
import type { Source } from "./source.ts";

export interface FetchLimits {
  maxBytes: number;
  timeoutMs: number;
}

const REVISION = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;

/**
 * @param scratch an empty folder that this source owns: removed by `close`, or when opening fails
 * @param revision branch, tag or full commit hash; null for the remote's default branch
 * @throws {UserFault} for an address or revision that does not exist; {Unavailable} when the server is away
 */
export async function openGit(
  git: Git, scratch: string, url: string, revision: string | null, limits: FetchLimits, signal: AbortSignal,
): Promise<Source> {
  if (revision !== null && !REVISION.test(revision)) {
    throw new UserFault(`revision: "${revision}" is no branch, tag or commit hash.`);
  }
  const repository = join(scratch, "repository");
  await mkdir(repository, { recursive: true });
  const remove = () => rm(scratch, { recursive: true, force: true });
  try {
    await must(git, ["init", "--quiet", "--bare", "--template="], repository, signal);
    await fetch(git, repository, url, revision, limits, signal);
    const commit = (await must(git, ["rev-parse", "--verify", "FETCH_HEAD^{commit}"], repository, signal)).toString().trim();
    const { files, passed } = parseTree((await must(git, ["ls-tree", "-r", "-l", "-z", "--full-tree", commit], repository, signal)).toString());
    const objects = new ObjectReader(git, repository);
    return {
      commit,
      files,
      passed,
      read: (file) => objects.read(file.sha1),
      close: async () => {
        objects.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** No checkout follows: so no filter, no symlink and no path of the repository ever acts on this machine. */
async function fetch(git: Git, repository: string, url: string, revision: string | null, limits: FetchLimits, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const watch = setInterval(() => {
    void sizeOf(repository).then((bytes) => {
      if (bytes > limits.maxBytes) {
        stop.abort(new PermanentError(`${url} is larger than ${Math.floor(limits.maxBytes / 2 ** 20)} MiB. Raise CODE_INDEXER_MAX_CLONE_MIB to index it.`));
      }
    });
  }, 500);
  const timeout = setTimeout(
    () => stop.abort(new PermanentError(`${url} took longer than ${limits.timeoutMs / 1_000} s to fetch. Raise CODE_INDEXER_CLONE_TIMEOUT_SECONDS.`)),
    limits.timeoutMs,
  );
  try {
    const { code, stderr } = await git.run(
      ["fetch", "--quiet", "--depth", "1", "--no-tags", "--no-recurse-submodules", "--no-write-commit-graph", "--end-of-options", url, revision ?? "HEAD"],
      { cwd: repository, signal: AbortSignal.any([signal, stop.signal]) },
    );
    if (code !== 0) throw fetchFailure(url, revision, stderr);
    const bytes = await sizeOf(repository);
    if (bytes > limits.maxBytes) throw new PermanentError(`${url} is larger than ${Math.floor(limits.maxBytes / 2 ** 20)} MiB. Raise CODE_INDEXER_MAX_CLONE_MIB to index it.`);
  } finally {
    clearInterval(watch);
    clearTimeout(timeout);
  }
}

async function must(git: Git, args: string[], cwd: string, signal: AbortSignal): Promise<Buffer> {
  const { code, stdout, stderr } = await git.run(args, { cwd, signal });
  if (code !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  return stdout;
}

/** Bytes of all files below a folder; files that vanish meanwhile count nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) =>
    lstat(join(entry.parentPath, entry.name)).then((stat) => stat.size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
