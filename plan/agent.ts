/** An agent type and its instances. */
import { taskQueue } from "../contract/bus.ts";
import type { AgentEntry } from "../contract/catalog.ts";
import { AGENT_PORTS, agentHost, agentId, underscored } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { applicationSpec } from "./application.ts";
import { nodeImage, type Dockerfiles } from "./node-image.ts";
import { publish } from "./publish.ts";
import { agentGrant } from "./rights.ts";
import type { ServiceSpec } from "./service-spec.ts";

/** `[first, last]` port of a type: the contract's for those that ship, the entry's for others; null where neither says. */
export function agentPorts(entry: Pick<AgentEntry, "type" | "ports">): readonly [number, number] | null {
  return (AGENT_PORTS as Record<string, readonly [number, number]>)[entry.type] ?? entry.ports ?? null;
}

/** Instances share image, identity and queue; each has a port of its own. */
export function agentSpecs(settings: Settings, entry: AgentEntry, dockerfiles: Dockerfiles, workspace: string | null): ServiceSpec[] {
  const { type } = entry;
  const range = agentPorts(entry);
  if (!range) return [];
  const image = nodeImage(type, `services/agents/${type}/main.ts`, `agents/${type}`, dockerfiles, entry.externalPackages);
  const grant = agentGrant(entry);
  const replicas = settings.replicas[type] ?? entry.replicas;
  return Array.from({ length: replicas }, (_, index) => index + 1).map((n) => {
    const port = range[0] + n - 1;
    return applicationSpec(settings, entry, workspace, {
      kind: "agent",
      name: agentId(type, n),
      of: type,
      number: n,
      host: agentHost(type, n),
      port,
      ports: publish(settings, port),
      image,
      grant,
      calls: [],
      files: [],
      env: {
        AGENT_TYPE: underscored(type),
        AGENT_ID: String(n),
        AGENT_RABBITMQ_QUEUE: taskQueue(type),
        AGENT_REDIS_NAMESPACE: `mcp:agents:${underscored(type)}:${n}`,
        AGENT_CONCURRENCY: String(entry.concurrency),
        AGENT_POLICY: JSON.stringify(entry.policy),
      },
    });
  });
}
