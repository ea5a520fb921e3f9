/**
 * A steady load through the edge, by clients as they should be: each submission has an idempotency key and is repeated
 * under it until it is answered. Paced by the clock and not by the answers, so what an outage held up is made good after it.
 */
import { randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import { FINAL_STATES, type TaskState } from "../../contract/tasks.ts";
import { backoffMs, sleep } from "../../services/kit/backoff.ts";
import { History, type Attempt } from "./history.ts";
import type { TaskPlan } from "./mix.ts";

export interface Caller {
  /** `sub` of the token. */
  name: string;
  token: string;
}

export interface LoadOptions {
  /** Origin of the edge. */
  edge: string;
  callers: readonly Caller[];
  perSecond: number;
  draw(): TaskPlan;
}

/** Submissions without an answer at once: connections of all clients together. */
const OPEN_LIMIT = 64;
const ANSWER_TIMEOUT_MS = 10_000;
const REPEAT = { firstMs: 100, maxMs: 1_000 };
const TICK_MS = 20;
/** Rates are of the last so many milliseconds. */
const WINDOW_MS = 5_000;
/** Share of clients that go away instead of repeating: what became of theirs, nobody knows. */
const IMPATIENT = 0.02;
/** Share of tasks whose client looks what became of them. */
const FOLLOWED = 0.02;
const FOLLOW_MS = 1_000;

interface Answer { status: number; body: { id?: string; state?: TaskState; detail?: string } }

export class Load {
  readonly history = new History();
  readonly #options: LoadOptions;
  readonly #http = new Agent({ connections: OPEN_LIMIT, connectTimeout: 3_000, keepAliveTimeout: 30_000 });
  readonly #stopping = new AbortController();
  readonly #acknowledgedAt: number[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #begun = 0;
  #open = 0;
  #stopped: Promise<void> | null = null;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#pump(), TICK_MS);
  }

  /** Acknowledged a second, lately. */
  get rate(): number {
    const since = performance.now() - WINDOW_MS;
    while (this.#acknowledgedAt.length > 0 && this.#acknowledgedAt[0]! < since) this.#acknowledgedAt.shift();
    return this.#acknowledgedAt.length / (WINDOW_MS / 1_000);
  }

  /** Acknowledged a second since the start. */
  get meanRate(): number {
    return this.history.acknowledged / ((performance.now() - this.#startedAt) / 1_000);
  }

  /** Submits nothing new and repeats what is not answered once more; what then has no answer stays indeterminate. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  /** One task beside the steady load, in the same log. @returns its id @throws when it is refused, or the load has stopped */
  async submit(plan: TaskPlan): Promise<string> {
    const attempt = await this.#submit(plan, false);
    if (attempt.ids.length === 0) throw new Error(`a task was not taken: ${attempt.refusal ?? "the load has stopped"}`);
    return attempt.ids[0]!;
  }

  /** Asks until the task is final. @throws when it is not in time */
  async finalState(id: string, withinMs: number): Promise<TaskState> {
    const deadline = performance.now() + withinMs;
    let last = "no answer";
    while (performance.now() < deadline) {
      const answer = await this.get(`/tasks/${id}`).catch((error: Error) => error);
      if (answer instanceof Error) last = answer.message;
      else if (answer.body.state && FINAL_STATES.includes(answer.body.state)) return answer.body.state;
      else last = JSON.stringify(answer);
      await sleep(100);
    }
    throw new Error(`task ${id} is not final within ${withinMs} ms: ${last.slice(0, 500)}`);
  }

  /** @param path below `/api/v1` */
  get(path: string): Promise<Answer & { body: any }> {
    return this.#request(this.#options.callers[0]!, "GET", path);
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#underWay);
    await this.#http.close();
  }

  #pump(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1_000) * this.#options.perSecond);
    while (this.#begun < due && this.#open < OPEN_LIMIT) {
      this.#begun++;
      this.#open++;
      this.#track(this.#submit(this.#options.draw(), Math.random() < IMPATIENT).finally(() => { this.#open--; }));
    }
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #submit({ poison, input, ...plan }: TaskPlan, impatient: boolean): Promise<Attempt> {
    const { callers } = this.#options;
    const caller = callers[Math.floor(Math.random() * callers.length)]!;
    const idempotencyKey = randomUUID();
    const attempt = this.history.begin({ caller: caller.name, idempotencyKey, type: plan.type, poison });
    const body = JSON.stringify({ ...plan, idempotencyKey, input: { ...input, payload: idempotencyKey } });
    for (;;) {
      const last = this.#stopping.signal.aborted;
      attempt.tries++;
      const answer = await this.#request(caller, "POST", "/tasks", body).catch(() => null);
      if (answer && answer.status < 300 && answer.body.id) {
        this.history.acknowledge(attempt, answer.body.id);
        this.#acknowledgedAt.push(performance.now());
        if (Math.random() < FOLLOWED) this.#track(this.#follow(attempt));
        return attempt;
      }
      if (answer && answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
        attempt.refusal = `${answer.status} ${answer.body.detail ?? ""}`;
        return attempt;
      }
      if (impatient || last) return attempt;
      await sleep(backoffMs(attempt.tries, REPEAT), this.#stopping.signal).catch(() => undefined);
    }
  }

  /** Looks until the task is final or unknown, or the load stops. */
  async #follow(attempt: Attempt): Promise<void> {
    const caller = this.#options.callers[0]!;
    while (!this.#stopping.signal.aborted) {
      await sleep(FOLLOW_MS, this.#stopping.signal).catch(() => undefined);
      const answer = await this.#request(caller, "GET", `/tasks/${attempt.ids[0]}`).catch(() => null);
      if (answer?.status === 404) attempt.shown = "absent";
      else if (answer?.body.state && FINAL_STATES.includes(answer.body.state)) attempt.shown = answer.body.state;
      if (attempt.shown !== null) return;
    }
  }

  /** @throws when no whole answer comes in time */
  async #request({ token }: Caller, method: "GET" | "POST", path: string, body?: string): Promise<Answer> {
    const { statusCode, body: stream } = await request(`${this.#options.edge}/api/v1${path}`, {
      method, body, dispatcher: this.#http, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    });
    return { status: statusCode, body: JSON.parse(await stream.text()) as Answer["body"] };
  }
}
