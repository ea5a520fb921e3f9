/** An MCP server: its tools on `/mcp`, its entry in etcd, its probes. */
import { ServerEnvironment } from "../../contract/environment.ts";
import { serverKey } from "../../contract/registry.ts";
import type { ServerCategory } from "../../contract/services.ts";
import { loadConfig } from "./config.ts";
import { Unavailable } from "./errors.ts";
import { mountMcp } from "./mcp/endpoint.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import { runMain } from "./run.ts";
import { createService } from "./service.ts";
import type { ServiceContext } from "./service-context.ts";
import type { Tool } from "./tool.ts";
import { VERSION } from "./version.ts";

export interface McpServerOptions<D> {
  /** Catalogue name. */
  name: string;
  /** What the server is for and how its tools go together, for the model that calls them. */
  instructions: string;
  tools: readonly Tool<D>[];
  prompts?: readonly Prompt<D>[];
  resources?: readonly Resource<D>[];
  /** Makes what the tools work with; called again until it succeeds. */
  connect(service: ServiceContext): Promise<D>;
  /** What is missing beside the stores in use, as in `["rpc"]`. */
  readiness?(deps: D): Promise<string[]>;
}

/** Resolves once the server is registered; it runs until SIGTERM. */
export function runMcpServer<D>(options: McpServerOptions<D>): Promise<void> {
  return runMain(options.name, async () => {
    const config = loadConfig(ServerEnvironment);
    const service = createService({ config, identity: `server:${options.name}` });
    let started: { deps: D } | null = null;
    // The port is open from the first moment, so that probes can tell "alive" from "ready".
    const endpoint = mountMcp(service.http, {
      name: options.name,
      version: VERSION,
      instructions: options.instructions,
      tools: options.tools,
      prompts: options.prompts,
      resources: options.resources,
      log: service.log,
      metrics: service.metrics,
      allowedHosts: [config.SERVICE_HOST, options.name],
      deps: () => {
        if (!started) throw new Unavailable(`${options.name} is starting; /readyz says what it waits for.`);
        return started.deps;
      },
    });
    service.addReadiness(async () => {
      if (!started) return ["start"];
      return options.readiness ? options.readiness(started.deps) : [];
    });
    await service.listen();
    service.shutdown.add("http", "mcp", () => endpoint.close());
    await service.access.apply();
    started = { deps: await service.connect(options.connect) };
    const registration = service.register(
      serverKey(config.SERVER_CATEGORY as ServerCategory, options.name, config.SERVER_REPLICA),
      { status: "healthy", capabilities: options.tools.map((tool) => tool.name).sort() },
      async () => ({ status: (await service.missing()).length === 0 ? "healthy" : "degraded" }),
    );
    service.shutdown.add("work", "registration", () => registration.close());
  });
}
