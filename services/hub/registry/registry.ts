/** Who is there: the registry's entries in memory, with those told who care about changes. */
import { agentId, type ServerCategory } from "../../../contract/services.ts";
import { parseKey, Registration, type AgentRef, type ServerRef, type ServiceEntry } from "../../../contract/registry.ts";

export type ServerEntry = ServerRef & { key: string } & Registration;
export type AgentEntry = AgentRef & { key: string } & Registration;

export interface ServiceChange {
  kind: "added" | "changed" | "removed";
  entry: ServiceEntry;
}

export class ServiceRegistry {
  readonly #entries = new Map<string, ServiceEntry>();
  readonly #listeners: ((change: ServiceChange) => void)[] = [];

  /** Told of what comes, goes, starts anew, or changes its status; not of each change of a current task. */
  onChange(listener: (change: ServiceChange) => void): void {
    this.#listeners.push(listener);
  }

  /** In the order of their keys. */
  list(): ServiceEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  agents(type?: string): AgentEntry[] {
    return this.list().filter((entry): entry is AgentEntry => entry.kind === "agent" && (type === undefined || entry.type === type));
  }

  /** Asked for each task that is submitted: without the order that {@link agents} gives. */
  hasAgent(type: string): boolean {
    for (const entry of this.#entries.values()) if (entry.kind === "agent" && entry.type === type) return true;
    return false;
  }

  servers(): ServerEntry[] {
    return this.list().filter((entry): entry is ServerEntry => entry.kind === "server");
  }

  /** Replicas that may get work, in the order of their numbers. */
  replicas(category: ServerCategory | null, server: string): ServerEntry[] {
    return this.servers().filter((entry) => entry.server === server && (category === null || entry.category === category) && entry.status !== "draining");
  }

  replaceAll(entries: readonly { key: string; value: string }[]): void {
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of [...this.#entries.keys()]) if (!keys.has(key)) this.remove(key);
    for (const { key, value } of entries) this.put(key, value);
  }

  /** A value that does not fit the contract is as good as none. */
  put(key: string, value: string): void {
    const entry = parseEntry(key, value);
    if (!entry) return this.remove(key);
    const before = this.#entries.get(key);
    this.#entries.set(key, entry);
    if (!before) this.#tell({ kind: "added", entry });
    else if (before.started_at !== entry.started_at || before.status !== entry.status || before.host !== entry.host || before.port !== entry.port) {
      this.#tell({ kind: "changed", entry });
    }
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#tell({ kind: "removed", entry });
  }

  #tell(change: ServiceChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export const idOf = (agent: AgentRef): string => agentId(agent.type, agent.n);

function parseEntry(key: string, value: string): ServiceEntry | null {
  const ref = parseKey(key);
  if (!ref) return null;
  try {
    return { ...ref, key, ...Registration.parse(JSON.parse(value)) };
  } catch {
    return null;
  }
}
