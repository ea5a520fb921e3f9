/** The hub's task API as a load generator uses it. */
import { Agent } from "undici";
import { endsOf, type TaskEnd } from "./live-events.ts";

export interface TaskInput {
  action: "noop" | "echo";
  input: Record<string, unknown>;
  priority?: "low" | "normal" | "high";
}

/** A task whose end was not heard for so long is asked for: the stream lets a slow reader go. */
const ASK_AFTER_MS = 5_000;

interface Waiting {
  since: number;
  resolve(): void;
  reject(error: Error): void;
}

export interface HubApiOptions {
  url: string;
  token: string;
  /** Subject of the token. */
  caller: string;
  type: string;
  connections?: number;
}

/** Submits over HTTP and learns the ends from one stream of `GET /api/v1/events`: the one call that tells them without asking. */
export class HubApi {
  readonly #options: HubApiOptions;
  readonly #http: Agent;
  /** A stream that never ends would hold up the requests that share its connections. */
  readonly #streams = new Agent({ bodyTimeout: 0, headersTimeout: 5_000 });
  readonly #waiting = new Map<string, Waiting>();
  /** Heard before the answer to their submission was read. */
  readonly #early = new Map<string, string>();
  readonly #closing = new AbortController();
  #asking: NodeJS.Timeout | undefined;
  /** Times that the hub let the stream go. */
  reconnects = 0;

  constructor(options: HubApiOptions) {
    this.#options = options;
    this.#http = new Agent({ connections: options.connections ?? 64, pipelining: 1 });
  }

  /** Resolves once events are heard. */
  async open(): Promise<void> {
    let heard = false;
    await new Promise<void>((resolve, reject) => void this.#listen(() => { heard = true; resolve(); }).catch((error: Error) => {
      if (!heard) reject(error);
    }));
    this.#asking = setInterval(() => void this.#ask().catch(() => undefined), 1_000);
  }

  /** @returns the id of a task that is durable */
  async submit(task: TaskInput): Promise<string> {
    const { status, body } = await this.#call("POST", "/api/v1/tasks", { type: this.#options.type, ...task });
    if (status !== 202) throw new Error(`POST /api/v1/tasks answered ${status}: ${JSON.stringify(body)}`);
    return body.id;
  }

  /** @returns ids, or null where the hub has no such call */
  async submitBatch(tasks: readonly TaskInput[]): Promise<string[] | null> {
    const { status, body } = await this.#call("POST", "/api/v1/tasks:batch", { tasks: tasks.map((task) => ({ type: this.#options.type, ...task })) });
    if (status === 404) return null;
    if (status >= 300) throw new Error(`POST /api/v1/tasks:batch answered ${status}: ${JSON.stringify(body).slice(0, 500)}`);
    return (body.results as { status: number; id?: string }[]).map((result) => {
      if (result.status >= 300 || result.id === undefined) throw new Error(`a task of a batch was refused: ${JSON.stringify(result)}`);
      return result.id;
    });
  }

  async task(id: string): Promise<{ state: string; result?: any }> {
    const { status, body } = await this.#call("GET", `/api/v1/tasks/${id}`);
    if (status !== 200) throw new Error(`GET /api/v1/tasks/${id} answered ${status}`);
    return body;
  }

  /** Resolves when the task has succeeded. @throws {Error} when it ended otherwise */
  ended(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { since: Date.now(), resolve, reject };
      const state = this.#early.get(id);
      if (state === undefined) this.#waiting.set(id, waiting);
      else {
        this.#early.delete(id);
        settle({ id, state }, waiting);
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#asking);
    await Promise.all([this.#http.destroy(), this.#streams.destroy()]);
  }

  #hear(end: TaskEnd): void {
    const waiting = this.#waiting.get(end.id);
    if (!waiting) return void this.#early.set(end.id, end.state);
    this.#waiting.delete(end.id);
    settle(end, waiting);
  }

  /** Reads until closed; a stream that breaks is opened again, and what it may have told is asked for. */
  async #listen(onOpen: () => void): Promise<void> {
    const { url, token, caller } = this.#options;
    const { signal } = this.#closing;
    for (; !signal.aborted; this.reconnects++) {
      const take = endsOf(caller);
      try {
        const { statusCode, body } = await this.#streams.request({ origin: url, path: "/api/v1/events", method: "GET", headers: { authorization: `Bearer ${token}` }, signal });
        if (statusCode !== 200) throw new Error(`GET /api/v1/events answered ${statusCode}`);
        onOpen();
        for await (const piece of body.setEncoding("utf8") as AsyncIterable<string>) for (const end of take(piece)) this.#hear(end);
      } catch (error) {
        if (signal.aborted) return;
        if (this.reconnects === 0 && this.#asking === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #ask(): Promise<void> {
    const late = [...this.#waiting].filter(([, { since }]) => Date.now() - since > ASK_AFTER_MS).slice(0, 500);
    await Promise.all(late.map(async ([id, waiting]) => {
      const { state } = await this.task(id);
      if (state === "pending" || state === "active") waiting.since = Date.now();
      else if (this.#waiting.has(id)) this.#hear({ id, state });
    }));
  }

  async #call(method: "GET" | "POST", path: string, json?: unknown): Promise<{ status: number; body: any }> {
    const { url, token } = this.#options;
    const { statusCode, body } = await this.#http.request({
      origin: url, path, method,
      headers: { authorization: `Bearer ${token}`, ...(json === undefined ? {} : { "content-type": "application/json" }) },
      body: json === undefined ? null : JSON.stringify(json),
    });
    const text = await body.text();
    return { status: statusCode, body: text === "" ? null : JSON.parse(text) };
  }
}

function settle({ id, state }: TaskEnd, waiting: Waiting): void {
  if (state === "succeeded") waiting.resolve();
  else waiting.reject(new Error(`task ${id} ended as ${state}`));
}
