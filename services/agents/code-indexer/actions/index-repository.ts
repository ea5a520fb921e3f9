import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { PermanentError } from "../../../kit/errors.ts";
import type { IndexerDeps } from "../deps.ts";
import { indexTree } from "../index-tree.ts";
import { openGit } from "../source/git-source.ts";
import { normalizePaths, parseGitUrl } from "../source/git-url.ts";
import type { Source } from "../source/source.ts";
import { openWorkspace } from "../source/workspace-source.ts";

/** Name and `source` of the mounted workspace. */
const WORKSPACE = "workspace";

const Input = z
  .strictObject({
    url: z.string().min(1).max(2_000).optional().describe("Git repository, http, https or file; left out: the workspace mounted into this agent."),
    workspace: z.literal(true).optional().describe("Says explicitly that the mounted workspace is meant; excludes url."),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, "letters, digits and . _ - /, at most 200")
      .optional()
      .describe("What the index calls it; default: `workspace`, or `owner/name` of the URL."),
    revision: z.string().min(1).max(200).optional().describe("Branch, tag or full commit hash of the url; default: its default branch."),
    paths: z.array(z.string().min(1).max(500)).max(100).default([]).describe("Only files at or below these, relative to the root; empty: all."),
  })
  .refine(({ url, workspace }) => !(url !== undefined && workspace), { error: "give url or workspace, not both", path: ["url"] })
  .refine(({ url, revision }) => url !== undefined || revision === undefined, {
    error: "the workspace is read as it lies on the disk; a revision needs a url (file:///workspace for the committed state)",
    path: ["revision"],
  });

const Count = z.number().int().min(0);

const Output = z.object({
  repository: z.string(),
  source: z.string(),
  commit: z.string().nullable().describe("Null for a folder that is no git checkout or has no commit yet."),
  unchanged: z.boolean().describe("The tree is the one of the run before; nothing was written."),
  files: z.object({ total: Count, indexed: Count, reused: Count, added: Count, changed: Count, removed: Count })
    .describe("indexed: read and parsed by this run; reused: their blob was stored already; added, changed, removed: against the run before."),
  skipped: z.record(z.string(), Count).describe("Files without searchable text, by reason: binary, too_large, minified, symlink, submodule, unreadable."),
  chunks: Count.describe("Written by this run."),
  symbols: Count.describe("Written by this run."),
  unparsed: Count.describe("Files whose text is searchable, but whose symbols are missing because the parser gave up."),
  durationMs: Count,
});

/** Incremental by blob hash, so a second run of the same tree writes nothing; repeating it after a crash goes on where it was. */
export const indexRepository = defineAction<IndexerDeps>()({
  name: "index_repository",
  description:
    "Indexes a git repository, or the mounted workspace, for code search: symbols, passages and full text. Only what changed since the last run is read.",
  input: Input,
  output: Output,
  async handler({ url, name, revision, paths: given }, { deps, signal, progress }) {
    const started = performance.now();
    const { settings } = deps;
    const remote = url === undefined ? null : parseGitUrl(url, settings.fileRoots);
    const repository = name ?? remote?.name ?? WORKSPACE;
    const target = { name: repository, source: remote?.url ?? WORKSPACE, requested: revision ?? null, paths: normalizePaths(given) };

    return deps.store.run(repository, signal, async (run) => {
      if (run.before && run.before.source !== target.source) {
        throw new PermanentError(`The index has "${repository}" from ${run.before.source} already. Give another name, or forget_repository first.`);
      }
      progress(0.01, remote ? `fetching ${remote.url}` : "listing the workspace");
      const source: Source = remote
        ? await openGit(deps.git, await deps.newScratch(), remote.url, target.requested, { maxBytes: settings.maxCloneBytes, timeoutMs: settings.cloneTimeoutMs }, signal)
        : await openWorkspace(deps.git, settings.workspace, settings.maxFileBytes, signal);
      const tagger = deps.newTagger();
      try {
        const counts = await indexTree(source, run, { ...target, commit: source.commit }, {
          tagger, signal, progress, maxFileBytes: settings.maxFileBytes, maxFiles: settings.maxFiles,
        });
        return {
          repository, source: target.source, commit: source.commit, ...counts, durationMs: Math.round(performance.now() - started),
        };
      } finally {
        tagger.close();
        await source.close();
      }
    });
  },
});
