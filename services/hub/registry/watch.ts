/** The service registry as etcd has it: listed once, followed by a watch, listed again whenever the watch ends. */
import { request } from "undici";
import { backoffMs, RECONNECT, sleep } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import { EtcdError } from "../../kit/etcd/connection.ts";
import { EtcdGateway } from "../../kit/etcd/gateway.ts";
import type { Logger } from "../../kit/log.ts";

export interface WatchOptions {
  /** `http://user:password@etcd:2379`; secret. */
  url: string;
  prefix: string;
  /** Everything there is; what is not in it is gone. */
  onList(entries: { key: string; value: string }[]): void;
  onPut(key: string, value: string): void;
  onDelete(key: string): void;
  onRefused?: () => void;
  log: Logger;
}

/** A stream that broke without a sign is found out by listing anyway, this often. */
const RELIST_MS = 60_000;

interface WatchLine {
  result?: {
    canceled?: boolean;
    events?: { type?: "PUT" | "DELETE"; kv: { key: string; value?: string } }[];
  };
  error?: { message?: string };
}

export class PrefixWatch {
  readonly #options: WatchOptions;
  readonly #gateway: EtcdGateway;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #following = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#gateway = new EtcdGateway(options.url);
    this.#done = this.#keep();
  }

  /** What was told is current. */
  get following(): boolean {
    return this.#following;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { log, prefix, onList, onRefused } = this.#options;
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const { revision, entries } = await this.#gateway.range(prefix);
        onList(entries);
        if (failures > 0) log.info("the registry is followed again");
        failures = 0;
        this.#following = true;
        await this.#follow(revision + 1n);
      } catch (error) {
        this.#following = false;
        if (signal.aborted) return;
        failures++;
        if (failures === 1) log.warn({ reason: messageOf(error) }, "the registry cannot be followed; trying until it can");
        if (error instanceof EtcdError && error.refused) onRefused?.();
        await sleep(backoffMs(failures, RECONNECT), signal).catch(() => undefined);
      }
    }
  }

  /** Returns when it is time to list again; throws when the stream ends. */
  async #follow(fromRevision: bigint): Promise<void> {
    const { url, headers, body } = this.#gateway.watchRequest(this.#options.prefix, fromRevision);
    const relist = AbortSignal.timeout(RELIST_MS);
    try {
      const response = await request(url, {
        method: "POST", headers, body, headersTimeout: 10_000, bodyTimeout: 0,
        signal: AbortSignal.any([relist, this.#closing.signal]),
      });
      if (response.statusCode !== 200) throw new Error(`etcd answered ${response.statusCode} to a watch: ${(await response.body.text()).slice(0, 200)}`);
      let rest = "";
      for await (const chunk of response.body.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        for (const line of lines) if (line !== "") this.#take(JSON.parse(line) as WatchLine);
      }
    } catch (error) {
      if (relist.aborted) return;
      throw error;
    }
    throw new Error("etcd ended the watch");
  }

  #take({ result, error }: WatchLine): void {
    if (error || result?.canceled) throw new Error(`etcd ended the watch: ${error?.message ?? "compacted"}`);
    const text = (encoded: string): string => Buffer.from(encoded, "base64").toString("utf8");
    for (const event of result?.events ?? []) {
      if (event.type === "DELETE") this.#options.onDelete(text(event.kv.key));
      else this.#options.onPut(text(event.kv.key), text(event.kv.value ?? ""));
    }
  }
}
