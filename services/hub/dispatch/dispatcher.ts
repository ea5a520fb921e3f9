/** Hands pending tasks to the broker while there is room, each time something may have made room or work. */
import type { PoolClient } from "pg";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { OnChange } from "../tasks/task-change.ts";
import { startAttempts, takeCandidates, type Dispatched, type TypeLimit } from "./dispatch-queries.ts";
import { pickInTurn, type Turns } from "./turns.ts";

export interface DispatcherOptions {
  /** The leading session; null while this hub must not dispatch. */
  session(): PoolClient | null;
  /** False while the broker is away: what it cannot take keeps its place in the order. */
  brokerReady(): boolean;
  limits(): TypeLimit[];
  send(dispatched: Dispatched[]): void;
  onChange: OnChange;
  onCycle?(dispatched: Dispatched[], seconds: number): void;
  /** So many of a type's tasks are with the broker or an agent. */
  onLook?(type: string, active: number): void;
  log: Logger;
}

/** Callers remembered per type; beyond it the turns begin anew. */
const REMEMBERED_CALLERS = 1_000;
const RETRY_MS = 1_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #turns = new Map<string, Turns>();
  #woken = false;
  #running: Promise<void> | null = null;
  #closed = false;
  /** False once a cycle left nothing behind that room would help, until something new may be there. */
  #maybePending = true;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** There may be a new pending task. Calls during a cycle make one more cycle. */
  wake(): void {
    this.#maybePending = true;
    this.#run();
  }

  /** A task left the broker, so there may be room for another. */
  roomMade(): void {
    if (this.#maybePending) this.#run();
  }

  /** A task becomes available in `ms`. */
  wakeIn(ms: number): void {
    if (ms <= 0) return this.wake();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, ms + 1);
    this.#timers.add(timer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#running;
  }

  #run(): void {
    this.#woken = true;
    if (!this.#closed) this.#running ??= this.#loop().finally(() => { this.#running = null; });
  }

  async #loop(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#woken && !this.#closed) {
      this.#woken = false;
      try {
        await this.#cycle();
      } catch (error) {
        this.#options.log.warn({ reason: messageOf(error) }, "dispatching failed; trying again");
        this.wakeIn(RETRY_MS);
      }
    }
  }

  async #cycle(): Promise<void> {
    const { session, brokerReady, limits, send, onChange, onCycle, onLook } = this.#options;
    const client = session();
    const open = limits().filter(({ limit }) => limit > 0);
    if (!client || !brokerReady() || open.length === 0) return;
    const startedAt = performance.now();
    this.#maybePending = false;
    try {
      const found = await takeCandidates(client, open);
      if (onLook) for (const { type, room } of found) onLook(type, open.find((limit) => limit.type === type)!.limit - room);
      // A type whose room was used up, or that had none, may have more tasks waiting than were looked at.
      if (found.some(({ room, candidates }) => candidates.length >= room)) this.#maybePending = true;
      const dispatched: Dispatched[] = [];
      const out = (begun: Dispatched[]): void => {
        if (begun.length === 0) return;
        dispatched.push(...begun);
        send(begun);
        onChange(begun.map(({ message, caller, urgency, createdAt }) => ({
          id: message.taskId, type: message.type, action: message.action, caller, state: "active", attempt: message.attempt,
          agentId: null, error: null, urgency, createdAt,
        })));
      };
      const chosen = found.map(({ type, room, candidates, started }) => {
        const ids = pickInTurn(candidates, room, this.#turnsOf(type)).map(({ id }) => id);
        const begun = new Map(started.map((dispatch) => [dispatch.message.taskId, dispatch]));
        return { begun: ids.flatMap((id) => begun.get(id) ?? []), ids: started.length > 0 ? [] : ids };
      });
      out(chosen.flatMap(({ begun }) => begun));
      const ids = chosen.flatMap(({ ids }) => ids);
      if (ids.length > 0) out(await startAttempts(client, ids));
      if (dispatched.length === 0) return;
      onCycle?.(dispatched, (performance.now() - startedAt) / 1000);
    } catch (error) {
      this.#maybePending = true;
      throw error;
    }
  }

  #turnsOf(type: string): Turns {
    const turns = this.#turns.get(type);
    if (turns && turns.size <= REMEMBERED_CALLERS) return turns;
    const fresh: Turns = new Map();
    this.#turns.set(type, fresh);
    return fresh;
  }
}
