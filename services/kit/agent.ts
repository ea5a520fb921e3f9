/** An agent: takes tasks of one type from its queue and does them. */
import { AgentEnvironment } from "../../contract/environment.ts";
import { agentKey } from "../../contract/registry.ts";
import { agentId as idOf, underscored } from "../../contract/services.ts";
import type { Action } from "./action.ts";
import { actionCatalog, parsePolicy } from "./agent/action-catalog.ts";
import { runAgentLoop } from "./agent/agent-loop.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { echoAction } from "./echo.ts";
import { Effects } from "./effects.ts";
import { runMain } from "./run.ts";
import { createService } from "./service.ts";
import type { ServiceContext } from "./service-context.ts";

export { defineAction } from "./action.ts";
export type { Action, ActionContext, ActionDefinition } from "./action.ts";

export interface AgentOptions<D> {
  /** Catalogue type, as in `code-indexer`. */
  type: string;
  /** Beside `echo`, which every agent has. */
  actions: readonly Action<D>[];
  /** Makes what the actions work with; called again until it succeeds. */
  connect(service: ServiceContext): Promise<D>;
  /** What is missing beside the stores in use. */
  readiness?(deps: D): Promise<string[]>;
}

/** Resolves once the agent takes tasks; it runs until SIGTERM. */
export function runAgent<D>(options: AgentOptions<D>): Promise<void> {
  const { type } = options;
  return runMain(type, async () => {
    const config = loadConfig(AgentEnvironment);
    if (config.AGENT_TYPE !== underscored(type)) throw new ConfigError([`AGENT_TYPE: expected ${underscored(type)}, found ${config.AGENT_TYPE}`]);
    const agentId = idOf(type, config.AGENT_ID);
    const policy = parsePolicy(config.AGENT_POLICY);
    const service = createService({ config, identity: `agent:${type}` });
    const effects = new Effects(service.postgres);
    const actions = new Map<string, Action<D>>();
    for (const action of [echoAction(agentId, effects), ...options.actions]) {
      if (actions.has(action.name)) throw new Error(`two actions are named ${action.name}`);
      actions.set(action.name, action);
    }
    const catalog = actionCatalog({ type, agentId, concurrency: config.AGENT_CONCURRENCY, policy, actions: actions.values() });
    service.http.get("/actions", () => catalog);
    let started: { deps: D } | null = null;
    service.addReadiness(async () => {
      if (!started) return ["start"];
      return options.readiness ? options.readiness(started.deps) : [];
    });
    await service.listen();
    await service.access.apply();
    const deps = await service.connect(options.connect);
    await runAgentLoop({ service, deps, type, agentId, actions, effects, key: agentKey(type, config.AGENT_ID) });
    started = { deps };
  });
}
