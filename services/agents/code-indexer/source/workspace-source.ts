/** The mounted workspace as it lies on the disk: with what is not committed, without what git ignores. */
import { constants } from "node:fs";
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { UserFault } from "../../../kit/errors.ts";
import { blobSha1 } from "../extract/extract.ts";
import type { Git } from "./git.ts";
import { count } from "./listing.ts";
import type { Source, SourceFile } from "./source.ts";

/** Folders that a walk without git's help leaves out. */
const NOT_SOURCE = new Set([".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"]);

/**
 * Files are named by their content as git would name it, read with git's own rules for what belongs to the tree; a
 * folder that is no git checkout is walked.
 *
 * @param root the workspace; only read
 * @param maxBytes files beyond are never read: their name is made of path and size, as nothing of them is indexed
 * @throws {UserFault} when nothing is mounted there
 */
export async function openWorkspace(git: Git, root: string, maxBytes: number, signal: AbortSignal): Promise<Source> {
  const real = await realpath(root).catch(() => {
    throw new UserFault(`No workspace is mounted at ${root}. Set mcp:workspace for this stack, or give a url.`);
  });
  const listed = await listWithGit(git, real, signal);
  const paths = listed?.paths ?? (await walk(real, "", signal));
  const source: Source = {
    commit: listed?.commit ?? null,
    files: [],
    passed: listed ? { ...(listed.submodules > 0 && { submodule: listed.submodules }) } : {},
    read: (file) => readFile(join(real, file.path), real).catch(() => null),
    close: async () => {},
  };
  for (const path of paths) {
    signal.throwIfAborted();
    const stat = await lstat(join(real, path)).catch(() => null);
    // Deleted since it was listed, or deleted and not yet committed.
    if (!stat) continue;
    if (stat.isSymbolicLink()) count(source.passed, "symlink");
    else if (stat.isFile()) {
      const file = await nameFile(real, path, stat.size, maxBytes);
      if (file) source.files.push(file);
      else count(source.passed, "unreadable");
    }
  }
  return source;
}

async function nameFile(root: string, path: string, sizeBytes: number, maxBytes: number): Promise<SourceFile | null> {
  if (sizeBytes > maxBytes) return { path, sizeBytes, sha1: blobSha1(Buffer.from(`${path}\0${sizeBytes}`)) };
  const bytes = await readFile(join(root, path), root).catch(() => null);
  return bytes && { path, sizeBytes: bytes.length, sha1: blobSha1(bytes) };
}

/** A symbolic link in the path is not followed out of the root: what a commit names must not reach the container's files. */
async function readFile(path: string, root: string): Promise<Buffer> {
  const real = await realpath(path);
  if (!real.startsWith(`${root}/`)) throw new Error(`${path} leads out of the workspace`);
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function listWithGit(git: Git, root: string, signal: AbortSignal): Promise<{ paths: string[]; submodules: number; commit: string | null } | null> {
  const top = await git.run(["rev-parse", "--show-toplevel"], { cwd: root, signal });
  if (top.code !== 0 || top.stdout.toString().trim() !== root) return null;
  const staged = await git.run(["ls-files", "-s", "-z"], { cwd: root, signal });
  const others = await git.run(["ls-files", "--others", "--exclude-standard", "-z"], { cwd: root, signal });
  if (staged.code !== 0 || others.code !== 0) throw new Error(`git ls-files failed: ${staged.stderr || others.stderr}`);
  const entries = records(staged.stdout).map((record) => ({ mode: record.slice(0, 6), path: record.slice(record.indexOf("\t") + 1) }));
  const head = await git.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { cwd: root, signal });
  const submodules = entries.filter(({ mode }) => mode === "160000");
  const paths = entries.filter(({ mode }) => mode !== "160000").map(({ path }) => path);
  return {
    // A file with a merge conflict is listed once for each side.
    paths: [...new Set([...paths, ...records(others.stdout).filter((path) => !path.endsWith("/"))])].sort(),
    submodules: submodules.length,
    commit: head.code === 0 ? head.stdout.toString().trim() : null,
  };
}

const records = (output: Buffer): string[] => output.toString().split("\0").filter((record) => record !== "");

async function walk(root: string, folder: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(entries.map(async (entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : walk(root, path, signal);
    return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
  }));
  return found.flat().sort();
}
