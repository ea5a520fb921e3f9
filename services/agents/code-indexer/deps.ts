/** What the actions work with. */
import type { Tagger } from "./extract/ctags.ts";
import type { Git } from "./source/git.ts";
import type { IndexStore } from "./store/index-store.ts";

export interface IndexerDeps {
  store: IndexStore;
  git: Git;
  /** A fresh parser process for one run; the run closes it. */
  newTagger(): Tagger;
  /** A fresh empty folder; whoever asks removes it. */
  newScratch(): Promise<string>;
  settings: {
    workspace: string;
    fileRoots: string[];
    maxCloneBytes: number;
    cloneTimeoutMs: number;
    maxFileBytes: number;
    maxFiles: number;
  };
}
