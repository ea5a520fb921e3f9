/** A registry in memory for tests. */
import { agentKey, serverKey, type Registration, type ServiceEntry } from "../../../../contract/registry.ts";
import type { RegistrySource } from "./etcd-source.ts";
import { readEntries, type Snapshot } from "./registry.ts";

const STARTED = "2026-01-01T00:00:00.000Z";
const registration = (more: Partial<Registration>): Registration => ({ host: "h", port: 1, status: "healthy", capabilities: [], current_task: null, version: "0.1.0", started_at: STARTED, ...more });

const entry = (key: string, value: Registration): ServiceEntry => readEntries([{ key, value: JSON.stringify(value) }])[0]!;
export const aServer = (name: string, more: Partial<Registration> = {}, replica = 1): ServiceEntry =>
  entry(serverKey("utils", name, replica), registration({ host: `mcp-${name}-${replica}`, port: 8080, ...more }));
export const anAgent = (type: string, n: number, more: Partial<Registration> = {}): ServiceEntry =>
  entry(agentKey(type, n), registration({ host: `mcp-${type}-${n}`, port: 3100 + n, status: "idle", ...more }));

export class MemoryRegistry implements RegistrySource {
  readonly #history: ServiceEntry[][];
  /** Revisions up to this one are forgotten. */
  compactedTo = 0;
  #wake: () => void = () => {};

  constructor(...entries: ServiceEntry[]) {
    this.#history = [entries];
  }

  set(...entries: ServiceEntry[]): void {
    this.#history.push(entries);
    this.#wake();
  }

  async now(): Promise<Snapshot> {
    return { revision: String(this.#history.length), entries: this.#history.at(-1)! };
  }

  async at(revision: string): Promise<Snapshot | null> {
    const entries = this.#history[Number(revision) - 1];
    return entries && Number(revision) > this.compactedTo ? { revision, entries } : null;
  }

  async changeAfter(revision: string, limitMs: number): Promise<void> {
    if (this.#history.length > Number(revision)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }
}
