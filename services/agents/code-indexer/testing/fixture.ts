/** A scratch folder with a git repository in it, and the dependencies of the actions around it. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { IndexerDeps } from "../deps.ts";
import type { Tagger } from "../extract/ctags.ts";
import { Git, GIT_CONFIG } from "../source/git.ts";
import { MemoryStore } from "./memory-store.ts";

export interface Fixture {
  folder: string;
  /** A checkout, empty at first. */
  repository: string;
  store: MemoryStore;
  deps: IndexerDeps;
  write(files: Record<string, string | Buffer>): Promise<void>;
  git(...args: string[]): string;
  commit(): string;
  remove(): Promise<void>;
}

/** Finds `function <name>` at the start of a line. */
export const wordTagger: Tagger = {
  async tags(_file, text) {
    return text.split("\n").flatMap((line, index) => {
      const name = /^function (\w+)/.exec(line)?.[1];
      return name === undefined ? [] : [{ name, line: index + 1, kind: "function" }];
    });
  },
  close: () => {},
};

export async function makeFixture(): Promise<Fixture> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "code-indexer-test-")));
  const repository = join(folder, "repository");
  await mkdir(repository);
  await writeFile(join(folder, "gitconfig"), GIT_CONFIG);
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "init.defaultBranch=main", ...args],
      { cwd: repository, encoding: "utf8", stdio: "pipe", env: { PATH: process.env["PATH"], HOME: folder } }).trim();
  git("init", "--quiet");
  const store = new MemoryStore();
  return {
    folder,
    repository,
    store,
    deps: {
      store,
      git: new Git(join(folder, "gitconfig")),
      newTagger: () => wordTagger,
      newScratch: () => mkdtemp(join(folder, "scratch-")),
      settings: {
        workspace: repository, fileRoots: [folder], maxCloneBytes: 50 * 2 ** 20, cloneTimeoutMs: 30_000, maxFileBytes: 10_000, maxFiles: 1_000,
      },
    },
    async write(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(repository, path)), { recursive: true });
        await writeFile(join(repository, path), content);
      }
    },
    git,
    commit() {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "-m", "a commit");
      return git("rev-parse", "HEAD");
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
