/** What `connect` of a service receives: its settings, its log, its stores. */
import type { Redis } from "ioredis";
import type { Etcd3 } from "etcd3";
import type { Pool } from "pg";
import type { ServiceConfig } from "./config.ts";
import type { HubClient } from "./hub-client.ts";
import type { Logger } from "./log.ts";
import type { Bus } from "./rabbitmq.ts";

export interface ServiceContext {
  /** The environment, parsed and frozen. */
  readonly config: ServiceConfig;
  readonly log: Logger;
  /** `server:<name>`, `agent:<type>`, `hub`. */
  readonly identity: string;
  readonly hub: HubClient;
  /** Connects at the first call, and counts in /readyz from then on. The same for the three below. */
  postgres(): Pool;
  redis(): Redis;
  etcd(): Etcd3;
  rabbitmq(): Bus;
  /** Runs at a clean stop, after work has ended and before the stores close; last registered first. */
  onClose(close: () => Promise<void> | void): void;
}
