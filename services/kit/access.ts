/** Asking the access service for the rights that the deployment granted us. */
import { GRANTS_PATH, type GrantRequest } from "../../contract/access.ts";
import { Problem } from "../../contract/tasks.ts";
import { untilDone, type Backoff } from "./backoff.ts";
import { messageOf, Unavailable } from "./errors.ts";
import { postJson } from "./http-json.ts";
import type { Logger } from "./log.ts";

export interface AccessOptions {
  /** `http://access:3002` */
  url: string;
  /** The signed grant; without one there is nothing to ask for. */
  grant: string | undefined;
  log: Logger;
  backoff?: Backoff;
  /** Milliseconds between two requests made because a store refused us. */
  refusalPauseMs?: number;
}

export class Access {
  readonly #options: AccessOptions;
  readonly #closing = new AbortController();
  #applying: Promise<void> | null = null;
  #appliedAt = -Infinity;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** The stores know us, as far as we know. */
  get applied(): boolean {
    return this.#options.grant === undefined || this.#appliedAt !== -Infinity;
  }

  /**
   * Posts the grant until the access service has applied it.
   *
   * @throws the reason of `close` when that comes first
   */
  apply(): Promise<void> {
    if (this.#options.grant === undefined) return Promise.resolve();
    this.#applying ??= this.#post(this.#options.grant).finally(() => { this.#applying = null; });
    return this.#applying;
  }

  /** A store refused our login or a right: its users may have been lost with its data, so the grant is posted again. */
  refused(): void {
    const pauseMs = this.#options.refusalPauseMs ?? 2_000;
    if (this.#applying || Date.now() - this.#appliedAt < pauseMs) return;
    this.apply().catch(() => undefined); // only close() ends it
  }

  close(): void {
    this.#closing.abort();
  }

  async #post(grant: string): Promise<void> {
    const { url, log, backoff } = this.#options;
    await untilDone(async () => {
      const body: GrantRequest = { grant };
      const answer = await postJson(new URL(GRANTS_PATH, url), body, { timeoutMs: 10_000 });
      if (answer.status >= 300) {
        const problem = Problem.safeParse(answer.body);
        throw new Unavailable(`The access service answered ${answer.status}: ${problem.data?.detail ?? "no detail"}`);
      }
    }, {
      signal: this.#closing.signal,
      backoff,
      onFailure: (error, failures) => {
        if (failures === 1) log.warn({ reason: messageOf(error) }, "access is not granted yet; asking until it is");
      },
    });
    this.#appliedAt = Date.now();
    log.info("access granted");
  }
}
