/** Redis for services: one connection, commands fail fast while it is away. */
import "./stores/require.ts";
import type { Redis } from "ioredis";
import { backoffMs, RECONNECT } from "./backoff.ts";
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { succeedsInTime, type KeptStore } from "./stores/store.ts";

/** @param url `redis://user:password@redis:6379/0`; secret */
export function openRedis(url: string, options: { log: Logger; onRefused?: () => void }): KeptStore<Redis> {
  const { Redis: Client } = require("ioredis") as typeof import("ioredis");
  const { log, onRefused } = options;
  let away = false;
  const client = new Client(url, {
    retryStrategy: (failures) => backoffMs(failures, RECONNECT),
    maxRetriesPerRequest: 1,
    commandTimeout: 3_000,
    connectTimeout: 5_000,
    // INFO and CLIENT are commands that our users may not call.
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  client.on("ready", () => {
    away = false;
    log.info("connected to redis");
  });
  client.on("error", (error: Error) => {
    if (!away) log.warn({ reason: messageOf(error) }, "no connection to redis; trying until there is");
    away = true;
    if (/WRONGPASS|NOAUTH|NOPERM/.test(messageOf(error))) onRefused?.();
  });
  return {
    client,
    answers: async () => client.status === "ready" && (await succeedsInTime(() => client.ping())),
    close: async () => { await client.quit().catch(() => client.disconnect()); },
  };
}
