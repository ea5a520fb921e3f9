/** Which replicas each server has now: the registry's entries as connections. */
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import type { ServerEntry, ServiceRegistry } from "../../registry/registry.ts";
import { HUB_CALLER, type Credentials } from "../access/delegation.ts";
import { ask, BackendError } from "./ask.ts";
import { Replica } from "./replica.ts";

/** Of a server that has gone: its calls may still end well. */
const GRACE_MS = 60_000;
const PROBE_MS = 3_000;

export interface FleetOptions {
  registry: ServiceRegistry;
  credentials: Credentials;
  /** A server came, went or changed since the fleet was made; `name` has the replicas of {@link Fleet.of} by now. */
  onChange(name: string): void;
  log: Logger;
}

/** A second server that calls itself by a name that is taken. */
export interface Shadow { name: string; category: string; by: string }

export class Fleet {
  readonly #options: FleetOptions;
  readonly #byOrigin = new Map<string, Replica>();
  readonly #byServer = new Map<string, readonly Replica[]>();
  readonly #shadows = new Map<string, Shadow>();
  #turn = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    for (const name of new Set(options.registry.servers().map(({ server }) => server))) this.#place(name);
    options.registry.onChange(({ entry }) => {
      if (entry.kind !== "server") return;
      this.#place(entry.server);
      options.onChange(entry.server);
    });
  }

  get servers(): readonly string[] {
    return [...this.#byServer.keys()].sort();
  }

  get shadows(): readonly Shadow[] {
    return [...this.#shadows.values()];
  }

  /** Replicas that may get work, dead ones included. */
  of(server: string): readonly Replica[] {
    return this.#byServer.get(server) ?? [];
  }

  /** Calls of the server under way. */
  inFlight(server: string): number {
    return this.of(server).reduce((sum, replica) => sum + replica.inFlight, 0);
  }

  /** The least busy replica whose breaker is closed and that was not tried yet; equals take turns. */
  pick(server: string, tried: readonly Replica[]): Replica | null {
    const replicas = this.of(server);
    let best: Replica | null = null;
    const from = replicas.length > 1 ? this.#turn++ : 0;
    for (let n = 0; n < replicas.length; n++) {
      const replica = replicas[(from + n) % replicas.length]!;
      if (replica.breaker.closed && !tried.includes(replica) && (best === null || replica.inFlight < best.inFlight)) best = replica;
    }
    return best;
  }

  /** A replica did not do what it should; enough of that in a row and it is left alone until it answers a probe. */
  failed(server: string, replica: Replica): void {
    if (!replica.breaker.failed()) return;
    this.#options.log.warn({ server, replica: replica.host }, "a backend fails; leaving it alone until it answers a probe");
    replica.probe(async () => {
      const authorization = this.#options.credentials(HUB_CALLER, server);
      await ask(replica, "server/discover", {}, { authorization, signal: AbortSignal.timeout(PROBE_MS) }).catch((error: unknown) => {
        // An error of the protocol is an answer too.
        if (!(error instanceof BackendError)) throw error;
      });
      this.#options.log.info({ server, replica: replica.host }, "the backend answers again");
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byOrigin.values()].map((replica) => replica.close(0)));
  }

  #place(name: string): void {
    const entries = this.#options.registry.replicas(null, name);
    // One name, one server: of two categories that claim it, the first in order of their names has it, on every hub.
    const category = entries.map((entry) => entry.category).sort()[0];
    const own = entries.filter((entry) => entry.category === category);
    this.#noteShadow(name, own[0], entries.find((entry) => entry.category !== category));
    const replicas = own.map(({ host, port }) => this.#replica(host, port));
    if (replicas.length === 0) this.#byServer.delete(name);
    else this.#byServer.set(name, replicas);
    this.#dropUnused();
  }

  #noteShadow(name: string, holder: ServerEntry | undefined, other: ServerEntry | undefined): void {
    if (!holder || !other) return void this.#shadows.delete(name);
    if (!this.#shadows.has(name)) {
      this.#options.log.warn({ server: name, refused: `${other.category}/${name}`, holder: `${holder.category}/${name}` }, "a second server claims a name that is taken; it is not offered");
    }
    this.#shadows.set(name, { name, category: other.category, by: holder.category });
  }

  #replica(host: string, port: number): Replica {
    const known = this.#byOrigin.get(`${host}:${port}`);
    if (known) return known;
    const replica = new Replica(host, port);
    this.#byOrigin.set(replica.host, replica);
    return replica;
  }

  #dropUnused(): void {
    const used = new Set([...this.#byServer.values()].flat());
    for (const [host, replica] of this.#byOrigin) {
      if (used.has(replica)) continue;
      this.#byOrigin.delete(host);
      replica.close(GRACE_MS).catch((error: unknown) => this.#options.log.debug({ reason: messageOf(error) }, "a pool did not close"));
    }
  }
}
