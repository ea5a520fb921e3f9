/** Live replicas of a server, each in its turn. */
import type { ServerCategory } from "../../../contract/services.ts";
import type { ServerEntry, ServiceRegistry } from "./registry.ts";

export class RoundRobin {
  readonly #registry: ServiceRegistry;
  readonly #turns = new Map<string, number>();

  constructor(registry: ServiceRegistry) {
    this.#registry = registry;
  }

  /** Null when none is registered. */
  next(category: ServerCategory | null, server: string): ServerEntry | null {
    return this.order(category, server)[0] ?? null;
  }

  /** All replicas, beginning with the one whose turn it is: the others are for when it cannot be reached. */
  order(category: ServerCategory | null, server: string): ServerEntry[] {
    const replicas = this.#registry.replicas(category, server);
    if (replicas.length < 2) return replicas;
    const turn = (this.#turns.get(server) ?? 0) % replicas.length;
    this.#turns.set(server, turn + 1);
    return [...replicas.slice(turn), ...replicas.slice(0, turn)];
  }
}
