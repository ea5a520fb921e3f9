/** What agents can do: their action catalogues, fetched when they register and kept for when they are away. */
import type { Pool } from "pg";
import { request } from "undici";
import { ActionCatalog } from "../../../contract/tasks.ts";
import { untilDone } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { TypeLimit } from "../dispatch/dispatch-queries.ts";
import { idOf, type AgentEntry, type ServiceRegistry } from "../registry/registry.ts";
import { compileInputCheck, type CheckInput } from "./check-input.ts";

export interface KnownType {
  catalog: ActionCatalog;
  /** By the action's name. */
  checks: ReadonlyMap<string, CheckInput>;
  /** When an agent of the type was last registered, milliseconds since 1970; now, while one is. */
  lastSeenAt: number;
}

export interface CatalogsOptions {
  /** Asked for when something is read or written, not before. */
  pool(): Pool;
  registry: ServiceRegistry;
  /** Shown to agents. */
  token: string;
  /** The prefetch of a type may have changed. */
  onCapacity(): void;
  log: Logger;
}

/** Registered tasks per unit of prefetch that may be with the broker. */
const QUEUED_PER_PREFETCH = 2;
/** How often it is written down that a type is still there. */
const SEEN_INTERVAL_MS = 60_000;
const FETCH_TIMEOUT_MS = 5_000;

export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #types = new Map<string, KnownType>();
  /** By registry key, with the start it belongs to. */
  readonly #concurrency = new Map<string, number>();
  readonly #fetches = new Map<string, AbortController>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CatalogsOptions) {
    this.#options = options;
    options.registry.onChange(({ kind, entry }) => {
      if (entry.kind !== "agent") return;
      if (kind === "removed") this.#forget(entry);
      else void this.#fetch(entry);
      options.onCapacity();
    });
  }

  /** Reads what earlier runs knew. */
  async load(): Promise<void> {
    const { rows } = await this.#options.pool().query<{ catalog: unknown; last_seen_at: Date }>("select catalog, last_seen_at from fabric.action_catalogs");
    for (const { catalog, last_seen_at } of rows) {
      const parsed = ActionCatalog.safeParse(catalog);
      if (parsed.success && !this.#types.has(parsed.data.type)) this.#learn(parsed.data, last_seen_at.getTime());
    }
    this.#timer = setInterval(() => void this.#writeSeen([...new Set(this.#options.registry.agents().map(({ type }) => type))]), SEEN_INTERVAL_MS);
    this.#options.onCapacity();
  }

  /** Null for a type that never registered. */
  get(type: string): KnownType | null {
    const known = this.#types.get(type);
    if (!known) return null;
    return this.#options.registry.hasAgent(type) ? { ...known, lastSeenAt: Date.now() } : known;
  }

  /** Types with an agent registered now, by name. */
  deployed(): KnownType[] {
    const types = new Set(this.#options.registry.agents().map(({ type }) => type));
    return [...types].sort().flatMap((type) => this.get(type) ?? []);
  }

  /** Agents of each registered type that take tasks, and how many they hold at once, together; those that drain do not count. */
  capacity(): Map<string, { instances: number; capacity: number }> {
    const byType = new Map<string, { instances: number; capacity: number }>();
    for (const agent of this.#options.registry.agents()) {
      const { instances, capacity } = byType.get(agent.type) ?? { instances: 0, capacity: 0 };
      const takes = agent.status !== "draining";
      const own = this.#concurrency.get(agent.key) ?? this.#types.get(agent.type)?.catalog.concurrency ?? 0;
      byType.set(agent.type, { instances: instances + (takes ? 1 : 0), capacity: capacity + (takes ? own : 0) });
    }
    return byType;
  }

  /** How many tasks of each type may be with the broker: so many per delivery that its agents hold at once. */
  limits(): TypeLimit[] {
    return [...this.capacity()].map(([type, { capacity }]) => ({ type, limit: capacity * QUEUED_PER_PREFETCH }));
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    for (const fetch of this.#fetches.values()) fetch.abort();
  }

  #forget({ key, type }: AgentEntry): void {
    this.#fetches.get(key)?.abort();
    this.#concurrency.delete(key);
    void this.#writeSeen([type]);
  }

  /** Asks the agent until it answers or its registration ends or changes. */
  async #fetch(agent: AgentEntry): Promise<void> {
    const { pool, log, onCapacity } = this.#options;
    this.#fetches.get(agent.key)?.abort();
    const fetching = new AbortController();
    this.#fetches.set(agent.key, fetching);
    try {
      const catalog = await untilDone(() => this.#ask(agent, fetching.signal), {
        signal: fetching.signal,
        onFailure: (error, failures) => {
          if (failures === 1) log.warn({ agent: idOf(agent), reason: messageOf(error) }, "an agent does not say what it can do; asking until it does");
        },
      });
      this.#concurrency.set(agent.key, catalog.concurrency);
      this.#learn(catalog, Date.now());
      onCapacity();
      await pool().query(
        `insert into fabric.action_catalogs (type, catalog) values ($1, $2)
         on conflict (type) do update set catalog = excluded.catalog, updated_at = now(), last_seen_at = now()`,
        [catalog.type, JSON.stringify(catalog)],
      );
    } catch (error) {
      if (!fetching.signal.aborted) log.warn({ agent: idOf(agent), reason: messageOf(error) }, "a catalogue was not written down");
    } finally {
      if (this.#fetches.get(agent.key) === fetching) this.#fetches.delete(agent.key);
    }
  }

  async #ask(agent: AgentEntry, signal: AbortSignal): Promise<ActionCatalog> {
    const response = await request(`http://${agent.host}:${agent.port}/actions`, {
      headers: { authorization: `Bearer ${this.#options.token}`, accept: "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`GET /actions was answered ${response.statusCode}`);
    const catalog = ActionCatalog.parse(JSON.parse(text));
    if (catalog.type !== agent.type) throw new Error(`it says that it is a ${catalog.type}`);
    return catalog;
  }

  #learn(catalog: ActionCatalog, lastSeenAt: number): void {
    const checks = new Map<string, CheckInput>();
    for (const { name, input } of catalog.actions) {
      try {
        checks.set(name, compileInputCheck(input));
      } catch (error) {
        this.#options.log.error({ type: catalog.type, action: name, reason: messageOf(error) }, "an action is left out: its input schema is not valid");
      }
    }
    this.#types.set(catalog.type, { catalog, checks, lastSeenAt });
  }

  async #writeSeen(types: string[]): Promise<void> {
    for (const type of types) {
      const known = this.#types.get(type);
      if (known) known.lastSeenAt = Date.now();
    }
    if (types.length === 0) return;
    await this.#options.pool().query("update fabric.action_catalogs set last_seen_at = now() where type = any($1)", [types]).catch(() => undefined);
  }
}
