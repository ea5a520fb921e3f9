import { fileURLToPath } from "node:url";
import { loadConfig } from "../../kit/config.ts";
import type { ServiceContext } from "../../kit/service-context.ts";
import { migrate, readMigrations } from "../../kit/migrations.ts";
import { PostgresArtifacts } from "./artifacts/artifact-store.ts";
import { compilerFiles } from "./compile/readable.ts";
import { Sandbox } from "./compile/sandbox.ts";
import { BuilderEnvironment } from "./config.ts";
import type { BuilderDeps } from "./deps.ts";

/** @param main URL of the entry point, which is also the compiler process' */
export async function connect(service: ServiceContext, main: string): Promise<BuilderDeps> {
  const env = loadConfig(BuilderEnvironment);
  const pool = service.postgres();
  for (const name of await migrate(pool, "artifacts", await readMigrations(new URL("./migrations/", main)))) {
    service.log.info({ migration: name }, "schema artifacts migrated");
  }
  const entry = fileURLToPath(main);
  return {
    compiler: new Sandbox(entry, compilerFiles(entry), {
      timeoutMs: env.BUILDER_TIMEOUT_SECONDS * 1_000,
      memoryMiB: env.BUILDER_MEMORY_MIB,
      maxOutputBytes: 64 * 2 ** 20,
    }),
    artifacts: new PostgresArtifacts(pool),
    maxResultBytes: env.BUILDER_MAX_RESULT_KIB * 1_024,
  };
}
