/** Hands pending tasks to the broker while there is room, each time something may have made room or work. */
import type { PoolClient } from "pg";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Submission, Submitted } from "../tasks/submit.ts";
import type { OnChange } from "../tasks/task-change.ts";
import { storeAndBegin } from "./begin-stored.ts";
import { startAttempts, takeCandidates, type Dispatched, type TypeLimit } from "./dispatch-queries.ts";
import { pickInTurn, type Turns } from "./turns.ts";

export interface DispatcherOptions {
  /** The leading session; null while this hub must not dispatch. */
  session(): PoolClient | null;
  /** False while the broker is away: what it cannot take keeps its place in the order. */
  brokerReady(): boolean;
  limits(): TypeLimit[];
  send(dispatched: readonly Dispatched[]): void;
  onChange: OnChange;
  onCycle?(dispatched: readonly Dispatched[], seconds: number): void;
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
  /** Types of which the last look may have left some waiting, for want of room. */
  #behind: ReadonlySet<string> = new Set();
  /** False once a cycle left nothing behind that room would help, until something new may be there. */
  #maybePending = true;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /**
   * Stores new tasks, and begins the attempts of those whose type has room and nobody waiting in the same commit. The others
   * wait: call {@link wake}. Null where this hub does not dispatch now, or knows that the tasks would have to wait.
   */
  store(submissions: readonly Submission[]): Promise<Submitted[]> | null {
    const { session, brokerReady, limits } = this.#options;
    const client = session();
    if (!client || !brokerReady() || this.#closed) return null;
    const types = new Set(submissions.map(({ type }) => type));
    const open = limits().filter(({ type, limit }) => limit > 0 && types.has(type) && !this.#behind.has(type));
    return open.length === 0 ? null : this.#store(client, open, submissions);
  }

  async #store(client: PoolClient, open: readonly TypeLimit[], submissions: readonly Submission[]): Promise<Submitted[]> {
    const startedAt = performance.now();
    const { submitted, begun, rooms } = await storeAndBegin(client, open, submissions);
    this.#look(rooms, open);
    this.#out(begun);
    if (begun.length > 0) this.#options.onCycle?.(begun, (performance.now() - startedAt) / 1000);
    return submitted;
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
    const { session, brokerReady, limits, onCycle } = this.#options;
    const client = session();
    const open = limits().filter(({ limit }) => limit > 0);
    if (!client || !brokerReady() || open.length === 0) return;
    const startedAt = performance.now();
    this.#maybePending = false;
    try {
      const found = await takeCandidates(client, open);
      this.#look(new Map(found.map(({ type, room }) => [type, room])), open);
      // A type whose room was used up, or that had none, may have more tasks waiting than were looked at.
      this.#behind = new Set(found.flatMap(({ type, room, candidates }) => (candidates.length >= room ? type : [])));
      if (this.#behind.size > 0) this.#maybePending = true;
      const chosen = found.map(({ type, room, candidates, started }) => {
        const ids = pickInTurn(candidates, room, this.#turnsOf(type)).map(({ id }) => id);
        const begun = new Map(started.map((dispatch) => [dispatch.message.taskId, dispatch]));
        return { begun: ids.flatMap((id) => begun.get(id) ?? []), ids: started.length > 0 ? [] : ids };
      });
      const begun = chosen.flatMap(({ begun }) => begun);
      this.#out(begun);
      const ids = chosen.flatMap(({ ids }) => ids);
      const chosenLater = ids.length > 0 ? await startAttempts(client, ids) : [];
      this.#out(chosenLater);
      const dispatched = [...begun, ...chosenLater];
      if (dispatched.length > 0) onCycle?.(dispatched, (performance.now() - startedAt) / 1000);
    } catch (error) {
      this.#maybePending = true;
      throw error;
    }
  }

  #look(rooms: ReadonlyMap<string, number>, limits: readonly TypeLimit[]): void {
    for (const { type, limit } of limits) if (rooms.has(type)) this.#options.onLook?.(type, limit - rooms.get(type)!);
  }

  /** What is committed goes to the broker before listeners are told. */
  #out(begun: readonly Dispatched[]): void {
    if (begun.length === 0) return;
    const { send, onChange } = this.#options;
    send(begun);
    onChange(begun.map(({ message, caller, urgency, createdAt }) => ({
      id: message.taskId, type: message.type, action: message.action, caller, state: "active", attempt: message.attempt,
      agentId: null, error: null, urgency, createdAt,
    })));
  }

  #turnsOf(type: string): Turns {
    const turns = this.#turns.get(type);
    if (turns && turns.size <= REMEMBERED_CALLERS) return turns;
    const fresh: Turns = new Map();
    this.#turns.set(type, fresh);
    return fresh;
  }
}
