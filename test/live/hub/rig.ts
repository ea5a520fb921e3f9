/** What the live tests of the hub share: real stores with real rights, the hub as a process, agents of the contract's page. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseSettings } from "../../../contract/settings.ts";
import { taskQueue } from "../../../contract/bus.ts";
import { AgentEntry } from "../../../contract/catalog.ts";
import { TaskPolicy, type ActionCatalog } from "../../../contract/tasks.ts";
import type { Grant } from "../../../contract/access.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { agentGrant, hubGrant } from "../../../plan/rights.ts";
import { AccessProcess } from "../infrastructure/access-process.ts";
import { Clients } from "../infrastructure/clients.ts";
import { SpecRunner } from "../support/run-spec.ts";
import { FakeAgent, type FakeAgentOptions } from "./fake-agent.ts";
import { HubProcess } from "./hub-process.ts";

const ROOT = join(import.meta.dirname, "../../..");
const STORES = ["rabbitmq", "redis", "etcd", "postgres"];
export const AGENT_TYPE = "builder";
/** Another type, for what must not be mixed up. */
export const OTHER_TYPE = "reviewer";

const agent = (type: string): Grant => agentGrant(AgentEntry.parse({ type, description: "an agent of a test", capabilities: ["work"] }));

export class HubRig {
  readonly runner = new SpecRunner({ prefix: "hub-test-" });
  readonly clients = new Clients(this.runner);
  readonly access = new AccessProcess(this.runner);
  readonly hub = new HubProcess(this.runner, this.clients);

  readonly #agents: FakeAgent[] = [];

  /** An agent with connections of its own, so that it can crash alone. */
  async agent(options: FakeAgentOptions): Promise<FakeAgent> {
    const agent = await new FakeAgent(new Clients(this.runner), options).start();
    this.#agents.push(agent);
    // The type may be known from an earlier test, with another policy.
    const wanted = { concurrency: options.concurrency ?? 4, policy: TaskPolicy.parse(options.policy ?? {}) };
    await eventually(() => this.hub.call("GET", "/api/v1/actions"), ({ body }) => body.types.some(
      ({ type, concurrency, policy }: ActionCatalog) => type === options.type && isDeepStrictEqual({ concurrency, policy }, wanted)));
    return agent;
  }

  /** Takes every agent out of the registry, waits until the hub has seen it, and leaves no task behind for the next test. */
  async dismiss(): Promise<void> {
    await Promise.all(this.#agents.splice(0).map((agent) => agent.stop()));
    await eventually(() => this.hub.call("GET", "/api/v1/services"), ({ body }) => body.services.length === 0, 25_000);
    const postgres = await this.clients.postgres("hub");
    await postgres.query("update fabric.tasks set state = 'cancelled', finished_at = now() where state in ('pending', 'active')");
    const channel = await this.clients.channel("hub");
    for (const type of [AGENT_TYPE, OTHER_TYPE]) await channel.purgeQueue(taskQueue(type));
    await this.clients.close();
  }

  /** Stores up, rights applied, hub ready. */
  async setUp(): Promise<void> {
    await this.runner.setUp();
    const specs = infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT));
    await Promise.all(STORES.map((name) => this.runner.start(specs.find((spec) => spec.name === name)!)));
    await this.access.start();
    await this.access.ready(90_000);
    for (const grant of [hubGrant(), agent(AGENT_TYPE), agent(OTHER_TYPE)]) {
      const { status, body } = await this.access.grant(grant);
      if (status !== 200) throw new Error(`the access service answered ${status}: ${JSON.stringify(body)}`);
    }
    await this.hub.start();
  }

  async tearDown(): Promise<void> {
    await Promise.all(this.#agents.splice(0).map((agent) => agent.stop().catch(() => undefined)));
    await this.clients.close();
    await this.hub.stop().catch(() => undefined);
    await this.access.stop();
    await this.runner.tearDown();
  }
}

/** Reads until it is good; fails with what was read last. */
export async function eventually<T>(read: () => Promise<T> | T, good: (value: T) => boolean, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
