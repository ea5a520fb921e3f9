/** Real stores and hub, and services as processes on this machine with the environment that the plan gives them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Grant } from "../../../contract/access.ts";
import { taskQueue } from "../../../contract/bus.ts";
import { AgentEntry, type Catalog } from "../../../contract/catalog.ts";
import { REGISTRY_PREFIX } from "../../../contract/registry.ts";
import { SECRETS_FILE_VARIABLE } from "../../../contract/secrets-file.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { agentSpecs } from "../../../plan/agent.ts";
import { parseCatalog } from "../../../plan/catalog.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readCatalogFiles, readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { agentGrant, hubGrant } from "../../../plan/rights.ts";
import { serverSpecs } from "../../../plan/server.ts";
import type { ServiceSpec } from "../../../plan/service-spec.ts";
import { FakeAgent, type FakeAgentOptions } from "../hub/fake-agent.ts";
import { HubProcess } from "../hub/hub-process.ts";
import { eventually } from "../hub/rig.ts";
import { AccessProcess } from "../infrastructure/access-process.ts";
import { Clients } from "../infrastructure/clients.ts";
import { SpecRunner } from "../support/run-spec.ts";
import { ServiceProcess } from "./service-process.ts";

export const ROOT = join(import.meta.dirname, "../../..");
const STORES = ["rabbitmq", "redis", "etcd", "postgres"];
const SETTINGS = parseSettings({});

export class FleetRig {
  readonly runner = new SpecRunner({ prefix: "fleet-test-" });
  readonly clients = new Clients(this.runner);
  readonly hub = new HubProcess(this.runner, this.clients);
  readonly catalog: Catalog = parseCatalog(readCatalogFiles(ROOT));
  readonly #access = new AccessProcess(this.runner);
  readonly #services: ServiceProcess[] = [];
  readonly #agents: FakeAgent[] = [];
  #front: Server | null = null;
  #words = "";
  #folder = "";

  async setUp(): Promise<void> {
    await this.runner.setUp();
    this.#folder = mkdtempSync(join(tmpdir(), "fleet-test-"));
    const specs = infrastructureSpecs(SETTINGS, readInfrastructureConfigs(ROOT));
    await Promise.all(STORES.map((name) => this.runner.start(specs.find((spec) => spec.name === name)!)));
    await this.#access.start();
    await this.#access.ready(90_000);
    const { status, body } = await this.#access.grant(hubGrant());
    if (status !== 200) throw new Error(`the access service answered ${status}: ${JSON.stringify(body)}`);
    await this.hub.start();
    // Which port the access service listens on only its process knows.
    this.#front = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const answer = await this.#access.send((JSON.parse(text) as { grant: unknown }).grant);
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => this.#front!.listen(0, "127.0.0.1", resolve));
  }

  async tearDown(): Promise<void> {
    await this.dismiss().catch(() => undefined);
    await this.hub.stop().catch(() => undefined);
    await this.#access.stop();
    this.#front?.close();
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true });
    await this.runner.tearDown();
  }

  /** Ends every service and agent of a test, and leaves neither entries nor tasks behind for the next. */
  async dismiss(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.end("SIGKILL")));
    this.#words = this.#services.splice(0).map(({ name, output }) => `--- ${name}\n${output.split("\n").slice(-12).join("\n")}`).join("\n");
    await Promise.all(this.#agents.splice(0).map((agent) => agent.stop()));
    await this.clients.etcd("root").delete().prefix(REGISTRY_PREFIX);
    await eventually(() => this.hub.call("GET", "/api/v1/services"), ({ body }) => body.services.length === 0, 25_000);
    const postgres = await this.clients.postgres("hub");
    const { rows } = await postgres.query<{ type: string }>("update fabric.tasks set state = 'cancelled', finished_at = now() where state in ('pending', 'active') returning type");
    const channel = await this.clients.channel("hub");
    for (const type of new Set(rows.map((row) => row.type))) await channel.purgeQueue(taskQueue(type));
    await this.clients.close();
  }

  /** What the services of the last test have said, for one that failed. */
  get words(): string {
    return this.#words;
  }

  /** Instance `n` of an agent type, from its source. @param more environment beside that of the deployment */
  agent(type: string, n = 1, more: Record<string, string> = {}): Promise<ServiceProcess> {
    return this.start(this.agentSpec(this.catalog.agents[type]!, n), [process.execPath, join(ROOT, `services/agents/${type}/main.ts`)], more);
  }

  agentSpec(entry: AgentEntry, n: number): ServiceSpec {
    return agentSpecs(SETTINGS, { ...entry, replicas: n }, new Set(), null)[n - 1]!;
  }

  server(name: string): Promise<ServiceProcess> {
    const entry = this.catalog.servers[name]!;
    const [spec] = serverSpecs(SETTINGS, name, entry, { dockerfiles: new Set(), market: null, workspace: null });
    return this.start(spec!, [process.execPath, join(ROOT, `services/servers/${entry.category}/${name}/main.ts`)]);
  }

  /** Resolves when it is ready. */
  async start(spec: ServiceSpec, command: readonly string[], more: Record<string, string> = {}): Promise<ServiceProcess> {
    const service = new ServiceProcess(spec.name, command, { ...this.#environment(spec), ...more });
    this.#services.push(service);
    await service.start();
    return service;
  }

  /** Starts a killed store, and again should it end, as the engine does for a stack. */
  async revive(store: string): Promise<void> {
    await eventually(async () => {
      await this.runner.restart(store);
      return this.runner.healthy(store);
    }, (healthy) => healthy, 60_000);
  }

  /** Made from the protocol's page, doing what the test says. */
  async fakeAgent(options: FakeAgentOptions): Promise<FakeAgent> {
    await this.#access.grant(this.#grantOf(options.type));
    const agent = await new FakeAgent(new Clients(this.runner), options).start();
    this.#agents.push(agent);
    return agent;
  }

  #grantOf(type: string): Grant {
    return agentGrant(this.catalog.agents[type] ?? AgentEntry.parse({ type, description: "an agent of a test", capabilities: ["work"] }));
  }

  /** What is secret stays in a file, as in a container. */
  #environment(spec: ServiceSpec): Record<string, string> {
    const { [SECRETS_FILE_VARIABLE]: path, ...plain } = spec.env;
    const file = join(this.#folder, spec.name);
    writeFileSync(file, this.#local(this.runner.keys.render(spec.secrets.find((secret) => secret.path === path)!.parts)), { mode: 0o600 });
    const front = `http://127.0.0.1:${(this.#front!.address() as AddressInfo).port}`;
    return { ...plain, [SECRETS_FILE_VARIABLE]: file, MCP_ACCESS_URL: front, MCP_COORDINATOR_URL: this.hub.url, SERVICE_HOST: "127.0.0.1" };
  }

  #local(url: string): string {
    return url.replace(/@(rabbitmq|redis|etcd|postgres):/g, (_, host: string) => `@${this.runner.address(host)}:`);
  }
}
