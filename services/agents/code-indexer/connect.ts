import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../kit/config.ts";
import type { ServiceContext } from "../../kit/service-context.ts";
import { migrate, readMigrations } from "../../kit/migrations.ts";
import { IndexerEnvironment } from "./config.ts";
import type { IndexerDeps } from "./deps.ts";
import { Ctags } from "./extract/ctags.ts";
import { Git, GIT_CONFIG } from "./source/git.ts";
import { PostgresStore } from "./store/postgres-store.ts";

/** @param migrations folder with the schema's SQL */
export async function connect(service: ServiceContext, migrations: URL): Promise<IndexerDeps> {
  const env = loadConfig(IndexerEnvironment);
  const pool = service.postgres();
  for (const name of await migrate(pool, "code_index", await readMigrations(migrations))) service.log.info({ migration: name }, "schema code_index migrated");

  const scratch = await mkdtemp(join(tmpdir(), "code-indexer-"));
  service.onClose(() => rm(scratch, { recursive: true, force: true }));
  const gitConfig = join(scratch, "gitconfig");
  await writeFile(gitConfig, GIT_CONFIG);
  return {
    store: new PostgresStore(pool),
    git: new Git(gitConfig),
    newTagger: () => new Ctags(),
    newScratch: () => mkdtemp(join(scratch, "run-")),
    settings: {
      workspace: env.CODE_INDEXER_WORKSPACE,
      fileRoots: env.CODE_INDEXER_FILE_ROOTS,
      maxCloneBytes: env.CODE_INDEXER_MAX_CLONE_MIB * 2 ** 20,
      cloneTimeoutMs: env.CODE_INDEXER_CLONE_TIMEOUT_SECONDS * 1_000,
      maxFileBytes: env.CODE_INDEXER_MAX_FILE_KIB * 1_024,
      maxFiles: env.CODE_INDEXER_MAX_FILES,
    },
  };
}
