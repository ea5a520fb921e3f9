/** What the live tests of the kit share: real stores with real rights, and somebody who speaks for the hub. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type Store } from "../../../contract/access.ts";
import { AgentEntry } from "../../../contract/catalog.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { storeUrl } from "../../../plan/environment.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { agentGrant, hubGrant } from "../../../plan/rights.ts";
import type { ServiceSpec } from "../../../plan/service-spec.ts";
import { AccessProcess } from "../infrastructure/access-process.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const STORES: Store[] = ["rabbitmq", "redis", "etcd", "postgres"];
const MIGRATIONS = ["001-tasks.sql", "002-effects.sql"];
/** One of the types whose queues exist from the first boot. */
export const TYPE = "builder";

/** With a schema of its own: such an agent acts as that schema's owner, and must be able to record effects all the same. */
export const ENTRY = AgentEntry.parse({
  type: TYPE, description: "an agent of a test", capabilities: ["wait"], concurrency: 2, stopGraceSeconds: 8,
  access: { postgres: { owns: "artifacts" } },
});

export class KitRig {
  readonly runner = new SpecRunner({ prefix: "kit-test-" });
  readonly access = new AccessProcess(this.runner);
  #specs = new Map<string, ServiceSpec>();

  async setUp(stores: Store[] = STORES): Promise<void> {
    await this.runner.setUp();
    const specs = infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT));
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    await Promise.all(stores.map((name) => this.runner.start(this.#specs.get(name)!)));
    await Promise.all(stores.map((name) => this.runner.ready(name, 90_000)));
    await this.access.start();
    await this.access.ready(90_000);
    for (const grant of [hubGrant(), agentGrant(ENTRY)]) {
      const { status, body } = await this.access.grant(grant);
      if (status !== 200) throw new Error(`the access service answered ${status}: ${JSON.stringify(body)}`);
    }
  }

  /** The hub's tables, as its migrations make them. */
  async migrate(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url("postgres", "hub") });
    await client.connect();
    for (const file of MIGRATIONS) await client.query(readFileSync(join(ROOT, "services/hub/migrations", file), "utf8"));
    await client.end();
  }

  async tearDown(): Promise<void> {
    await this.access.stop();
    await this.runner.tearDown();
  }

  /** Of a store for an identity, reachable from this machine. */
  url(store: Store, identity: string): string {
    return this.local(this.runner.keys.render(storeUrl(store, identity)));
  }

  /** Host names of the network by addresses. */
  local(url: string): string {
    return url.replace(/@(rabbitmq|redis|etcd|postgres):/g, (_, host: string) => `@${this.runner.address(host)}:`);
  }

  /** Stops and starts a store, or kills it first; resolves when its probe succeeds again. */
  async restart(store: Store, how: "stop" | "kill" = "stop"): Promise<void> {
    if (how === "kill") await this.runner.kill(store);
    else await this.runner.stop(store);
    await this.runner.restart(store);
    await this.runner.ready(store, 60_000);
  }
}

/** Reads until it is good; fails with what was read last. */
export async function eventually<T>(read: () => Promise<T> | T, good: (value: T) => boolean, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
