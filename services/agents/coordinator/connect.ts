import { WORKFLOWS_SCHEMA } from "../../../contract/workflow.ts";
import { migrate, readMigrations } from "../../kit/migrations.ts";
import type { ServiceContext } from "../../kit/service-context.ts";
import type { CoordinatorDeps } from "./deps.ts";
import { watchAbandoned } from "./run/over.ts";
import { PostgresRuns } from "./store/postgres-runs.ts";

/** @param migrations folder with the schema's SQL */
export async function connect(service: ServiceContext, migrations: URL): Promise<CoordinatorDeps> {
  const pool = service.postgres();
  for (const name of await migrate(pool, WORKFLOWS_SCHEMA, await readMigrations(migrations))) {
    service.log.info({ migration: name }, `schema ${WORKFLOWS_SCHEMA} migrated`);
  }
  const deps: CoordinatorDeps = { hub: service.hub, runs: new PostgresRuns(pool) };
  service.onClose(watchAbandoned(deps, service.log));
  return deps;
}
