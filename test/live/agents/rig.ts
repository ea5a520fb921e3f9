/** What the live tests of the agents share: real stores with the rights that the catalogue gives, and the agents' own schemas. */
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { parse } from "yaml";
import { AgentEntry, ServerEntry } from "../../../contract/catalog.ts";
import { postgresRole } from "../../../contract/access.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { agentGrant, hubGrant, serverGrant } from "../../../plan/rights.ts";
import { migrate, readMigrations } from "../../../services/kit/migrations.ts";
import { AccessProcess } from "../infrastructure/access-process.ts";
import { docker, SpecRunner } from "../support/run-spec.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
const STORES = ["rabbitmq", "redis", "etcd", "postgres"];
const IMAGE = "agents-test-code-indexer";
const TOOLS = "agents-test-tools";

/** Reads what the code-indexer writes, as code-search does. */
export const READER = "server:code-search";

async function grantOf(type: string) {
  return agentGrant(AgentEntry.parse(parse(await readFile(join(ROOT, `configs/agents/${type}.yaml`), "utf8"))));
}

const reader = () => serverGrant("code-search", {
  category: "ai-integration",
  ...ServerEntry.parse({ port: 8031, description: "reads the code index", capabilities: ["search"], access: { postgres: { reads: ["code_index"] } } }),
});

export class AgentsRig {
  readonly runner = new SpecRunner({ prefix: "agents-test-" });
  readonly #access = new AccessProcess(this.runner);
  readonly #pools = new Map<string, pg.Pool>();
  #folder = "";

  async setUp(): Promise<void> {
    await this.runner.setUp();
    this.#folder = await mkdtemp(join(tmpdir(), "agents-test-"));
    const specs = infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT));
    await Promise.all(STORES.map((name) => this.runner.start(specs.find((spec) => spec.name === name)!)));
    await this.#access.start();
    await this.#access.ready(90_000);
    for (const grant of [hubGrant(), await grantOf("code-indexer"), await grantOf("builder"), await grantOf("admin"), reader()]) {
      const { status, body } = await this.#access.grant(grant);
      if (status !== 200) throw new Error(`the access service answered ${status}: ${JSON.stringify(body)}`);
    }
    const schemas = [["hub", "fabric", "hub"], ["agent:code-indexer", "code_index", "agents/code-indexer"], ["agent:builder", "artifacts", "agents/builder"]] as const;
    for (const [identity, schema, service] of schemas) {
      await migrate(this.pool(identity), schema, await readMigrations(new URL(`../../../services/${service}/migrations/`, import.meta.url)));
    }
  }

  async tearDown(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    await this.#access.stop();
    await docker("rm", "-f", TOOLS).catch(() => undefined);
    await this.runner.tearDown();
    if (this.#folder !== "") await rm(this.#folder, { recursive: true });
  }

  /** Connections of an identity, with the rights it has in a deployment. */
  pool(identity: string): pg.Pool {
    const known = this.#pools.get(identity);
    if (known) return known;
    const pool = new pg.Pool({
      host: this.runner.address("postgres"), user: postgresRole(identity), database: "mcp", max: 6,
      password: this.runner.keys.render([{ password: { store: "postgres", identity } }]),
    });
    pool.on("error", () => undefined);
    this.#pools.set(identity, pool);
    return pool;
  }

  /** As the database's superuser, which only its own container can be. */
  async sql(statement: string): Promise<string> {
    return this.runner.exec("postgres", "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "mcp", "-c", statement);
  }

  async empty(schema: "code_index" | "artifacts" | "fabric", identity: string): Promise<void> {
    const tables = { code_index: "repositories, files, blobs, chunks, symbols", artifacts: "artifacts", fabric: "tasks, attempts, outbox, events, effects, effect_claims" };
    await this.pool(identity).query(`truncate ${tables[schema].split(", ").map((table) => `${schema}.${table}`).join(", ")} cascade`);
  }

  /** A command that runs the code-indexer image's ctags, for where the machine has none or another. */
  async ctags(): Promise<string> {
    const stage = join(this.#folder, "image");
    await mkdir(join(stage, "app"), { recursive: true });
    await mkdir(join(stage, "proto"), { recursive: true });
    await cp(join(ROOT, "images/agents/code-indexer/Dockerfile"), join(stage, "Dockerfile"));
    await run("docker", ["build", "--quiet", "--tag", IMAGE, "--build-arg", "BASE_NODE=debian:trixie-slim", stage]);
    await docker("run", "--detach", "--rm", "--name", TOOLS, "--label", "mcp.test=agents-test-", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true",
      "--entrypoint", "sleep", IMAGE, "600");
    const command = join(this.#folder, "ctags");
    await writeFile(command, `#!/bin/sh\nexec docker exec -i ${TOOLS} ctags "$@"\n`);
    await chmod(command, 0o755);
    return command;
  }
}
