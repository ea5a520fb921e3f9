/** The benchmark's own stores, hub and agent in containers: images, limits and configuration of a deployment, without Pulumi. */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { stageImages } from "../../../components/staging/stage.ts";
import type { TokenClaims } from "../../../contract/access.ts";
import { readDockerfiles, readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import type { ServiceSpec } from "../../../plan/service-spec.ts";
import { SpecRunner } from "../../../test/live/support/run-spec.ts";
import { buildImage } from "./build-image.ts";
import { AGENT, AGENT_TYPE, benchSpecs, BULLMQ_REDIS, STORES, type BenchSpecs } from "./specs.ts";

const ROOT = join(import.meta.dirname, "../../..");
const READY_MS = 120_000;

export interface BenchStackOptions {
  /** Of the agent. */
  concurrency?: number;
  /** For the peers: a Redis of BullMQ's own. */
  peers?: boolean;
  /** Hub and agent write CPU profiles to {@link BenchStack.PROFILES} as they end; PostgreSQL keeps statistics of statements. */
  profile?: boolean;
}

export class BenchStack {
  /** In the containers. */
  static readonly PROFILES = "/tmp/profiles";
  readonly runner = new SpecRunner({ prefix: "bench-fabric-" });
  readonly #specs: BenchSpecs;
  readonly #peers: boolean;

  constructor({ concurrency, peers = false, profile = false }: BenchStackOptions = {}) {
    this.#specs = benchSpecs(readInfrastructureConfigs(ROOT), readDockerfiles(ROOT), { concurrency, profiles: profile ? BenchStack.PROFILES : null });
    this.#peers = peers;
  }

  /** Reachable from this machine through the containers' network, without the engine's proxy. */
  get hubUrl(): string {
    return `http://${this.runner.address("hub")}:3000`;
  }

  token(sub: string): string {
    return this.runner.keys.render([{ token: { sub, role: "admin", aud: ["*"] } satisfies TokenClaims }]);
  }

  /** Clears what an interrupted run left. Resolves when the hub takes tasks for the agent. */
  async setUp(): Promise<void> {
    await this.runner.setUp();
    const staged = await stageImages(ROOT, "bench-fabric-", this.#specs.builds);
    for (const { name } of this.#specs.builds) await buildImage(ROOT, staged.get(name)!);
    const reference = (spec: ServiceSpec): ServiceSpec =>
      "build" in spec.image && spec.image.build.bundle ? { ...spec, image: { reference: staged.get(spec.image.build.name)!.name } } : spec;
    const stores = [...STORES, ...(this.#peers ? [BULLMQ_REDIS] : [])];
    for (const name of [...stores, "access", "hub", AGENT]) await this.runner.start(reference(this.#specs.byName.get(name)!));
    for (const name of stores) await this.runner.ready(name, READY_MS);
    await this.ready();
  }

  /** Waits until the hub works and the agent is registered with it. */
  async ready(): Promise<void> {
    await this.#until("the hub is ready", async () => (await fetch(`${this.hubUrl}/readyz`)).ok);
    await this.#until("the agent is registered", async () => {
      const headers = { authorization: `Bearer ${this.token("user:bench")}` };
      const [actions, services] = await Promise.all(["actions", "services"].map(async (what) => (await fetch(`${this.hubUrl}/api/v1/${what}`, { headers })).text()));
      return actions!.includes(`"${AGENT_TYPE}"`) && services!.includes(AGENT_TYPE);
    });
  }

  /** As the database's superuser, which only its own container can be. */
  sql(statement: string, database = "mcp"): Promise<string> {
    return this.runner.exec("postgres", "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", statement);
  }

  async tearDown(): Promise<void> {
    await this.runner.tearDown();
  }

  async #until(what: string, probe: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!(await probe().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`not within ${READY_MS / 1000} s: ${what}\n${(await this.runner.logs("hub")).slice(-2_000)}`);
      await sleep(100);
    }
  }
}
