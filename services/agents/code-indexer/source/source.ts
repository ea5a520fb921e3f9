/** A tree of files to index, wherever it comes from. */

export interface SourceFile {
  /** Relative to the root, with `/`. */
  path: string;
  /** Git's name of its blob. */
  sha1: string;
  sizeBytes: number;
}

/** Entries that are no files with content of their own. */
export type Passed = "symlink" | "submodule" | "unreadable";

export interface Source {
  /** Commit that was read; null where there is none. */
  commit: string | null;
  files: SourceFile[];
  passed: Partial<Record<Passed, number>>;
  /** The content, which is another than listed when the file was written meanwhile; null when it is gone. */
  read(file: SourceFile): Promise<Buffer | null>;
  close(): Promise<void>;
}
