/** The stores of one service: each opened at its first use. */
import type { Redis } from "ioredis";
import type { Etcd3 } from "etcd3";
import type { Pool } from "pg";
import type { Access } from "../access.ts";
import type { ServiceConfig } from "../config.ts";
import { PermanentError } from "../errors.ts";
import { openEtcd } from "../etcd.ts";
import type { Logger } from "../log.ts";
import { openPostgres } from "../postgres.ts";
import { Bus } from "../rabbitmq.ts";
import { openRedis } from "../redis.ts";
import type { KeptStore } from "./store.ts";

type Settings = Pick<ServiceConfig, "MCP_POSTGRES_URL" | "MCP_REDIS_URL" | "MCP_ETCD_URL" | "MCP_RABBITMQ_URL">;

export interface StoresOptions {
  config: Settings;
  identity: string;
  log: Logger;
  access: Pick<Access, "refused">;
}

export class Stores {
  readonly #options: StoresOptions;
  #postgres: KeptStore<Pool> | null = null;
  #redis: KeptStore<Redis> | null = null;
  #etcd: KeptStore<Etcd3> | null = null;
  #bus: Bus | null = null;

  constructor(options: StoresOptions) {
    this.#options = options;
  }

  postgres(): Pool {
    this.#postgres ??= openPostgres(this.#url("postgres", "MCP_POSTGRES_URL"), { name: this.#options.identity, ...this.#common });
    return this.#postgres.client;
  }

  redis(): Redis {
    this.#redis ??= openRedis(this.#url("redis", "MCP_REDIS_URL"), this.#common);
    return this.#redis.client;
  }

  etcd(): Etcd3 {
    this.#etcd ??= openEtcd(this.#url("etcd", "MCP_ETCD_URL"));
    return this.#etcd.client;
  }

  rabbitmq(): Bus {
    this.#bus ??= new Bus({ url: this.#url("rabbitmq", "MCP_RABBITMQ_URL"), name: this.#options.identity, ...this.#common });
    return this.#bus;
  }

  /** Of those in use, what does not answer now. */
  async missing(): Promise<string[]> {
    const asked = [["postgres", this.#postgres], ["redis", this.#redis], ["etcd", this.#etcd]] as const;
    const answers = await Promise.all(asked.map(async ([name, store]) => (store && !(await store.answers()) ? [name] : [])));
    return [...answers.flat(), ...(this.#bus?.missing() ?? [])];
  }

  async close(): Promise<void> {
    await Promise.all([this.#bus?.close(), this.#redis?.close(), this.#etcd?.close(), this.#postgres?.close()]);
  }

  get #common() {
    const { log, access } = this.#options;
    return { log, onRefused: () => access.refused() };
  }

  #url(store: string, variable: keyof Settings): string {
    const url = this.#options.config[variable];
    if (url === undefined) throw new PermanentError(`${this.#options.identity} has no ${variable}: give it access to ${store} in its catalogue entry.`);
    return url;
  }
}
