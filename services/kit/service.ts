/** The frame that every process of ours hangs in: settings, log, HTTP, stores, rights, registration, and an orderly end. */
import type { Registry } from "prom-client";
import type { Registration as Entry } from "../../contract/registry.ts";
import { Access } from "./access.ts";
import { RECONNECT, untilDone } from "./backoff.ts";
import { ConfigError, type ServiceConfig } from "./config.ts";
import { messageOf, PermanentError } from "./errors.ts";
import { createHttpApp, type HttpApp } from "./http.ts";
import { HubClient } from "./hub-client.ts";
import { endOnSignals, Shutdown } from "./lifecycle.ts";
import { createLogger, type Logger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { EtcdRegistration } from "./registration.ts";
import type { ServiceContext } from "./service-context.ts";
import { Stores } from "./stores/stores.ts";
import { tokenChecker, type CheckToken } from "./tokens.ts";
import { VERSION } from "./version.ts";

export interface ServiceOptions<C extends ServiceConfig> {
  config: C;
  /** `server:<name>`, `agent:<type>`, `hub`. */
  identity: string;
  /** Replaces the check of bearer tokens, for a service that knows other ways in. */
  checkToken?: CheckToken;
  /** Largest request body, in bytes. */
  bodyLimit?: number;
}

/** Names what is missing; an empty list means that the service can work. */
export type ReadinessCheck = () => Promise<string[]> | string[];

export interface Service<C extends ServiceConfig> extends ServiceContext {
  readonly config: C;
  readonly http: HttpApp;
  readonly metrics: Registry;
  readonly access: Access;
  readonly shutdown: Shutdown;
  addReadiness(check: ReadinessCheck): void;
  /** What it lacks now to do its work, beside its registration. */
  missing(): Promise<string[]>;
  /** Opens the port; routes must be there by now. */
  listen(): Promise<void>;
  /** Enters the service in etcd, with `started_at`, host, port and version filled in. */
  register(key: string, entry: Pick<Entry, "status" | "capabilities">, refresh?: () => Promise<Partial<Entry>>): EtcdRegistration;
  /** Calls `connect` until it succeeds. A {@link PermanentError} or {@link ConfigError} ends the process instead. */
  connect<D>(connect: (service: ServiceContext) => Promise<D>): Promise<D>;
}

/** Takes over the process: signals, unhandled errors. Call it once. */
export function createService<C extends ServiceConfig>(options: ServiceOptions<C>): Service<C> {
  const { config, identity } = options;
  const log: Logger = createLogger(config.SERVICE_NAME, config.LOG_LEVEL);
  const startedAt = new Date().toISOString();
  const metrics = createMetrics(config.SERVICE_NAME);
  const access = new Access({ url: config.MCP_ACCESS_URL, grant: config.MCP_ACCESS_GRANT, log });
  const stores = new Stores({ config, identity, log, access });
  const shutdown = new Shutdown(log);
  const checks: ReadinessCheck[] = [() => (access.applied ? [] : ["access"]), () => stores.missing()];
  const missing = async (): Promise<string[]> => {
    if (shutdown.started) return ["stopping"];
    return (await Promise.all(checks.map((check) => check()))).flat();
  };
  let registration: EtcdRegistration | null = null;
  const http = createHttpApp({
    log, metrics,
    missing: async () => [...(await missing()), ...(registration?.registered === false ? ["etcd registration"] : [])],
    checkToken: options.checkToken ?? tokenChecker(config.MCP_TOKEN_PUBLIC_KEY, identity),
    bodyLimit: options.bodyLimit,
  });
  const hub = new HubClient({ url: config.MCP_COORDINATOR_URL, token: config.MCP_SERVICE_TOKEN ?? "" });
  endOnSignals(shutdown, log, config.STOP_GRACE_SECONDS * 1_000 - 500);
  shutdown.add("stores", "stores", () => stores.close());
  shutdown.add("stores", "access", () => access.close());

  const service: Service<C> = {
    config, identity, log, hub, http, metrics, access, shutdown, missing,
    postgres: () => stores.postgres(),
    redis: () => stores.redis(),
    etcd: () => stores.etcd(),
    rabbitmq: () => stores.rabbitmq(),
    onClose: (close) => shutdown.add("application", "onClose", close),
    addReadiness: (check) => void checks.push(check),
    async listen() {
      await http.listen({ host: "0.0.0.0", port: config.SERVICE_PORT });
      shutdown.add("http", "http", () => http.close());
      log.info({ port: config.SERVICE_PORT }, "listening");
    },
    register(key, entry, refresh) {
      if (config.MCP_ETCD_URL === undefined) throw new ConfigError(["MCP_ETCD_URL: missing"]);
      registration = new EtcdRegistration({
        url: config.MCP_ETCD_URL,
        key,
        log,
        refresh,
        onRefused: () => access.refused(),
        entry: { host: config.SERVICE_HOST, port: config.SERVICE_PORT, current_task: null, version: VERSION, started_at: startedAt, ...entry },
      });
      return registration;
    },
    connect: (connect) => connectUntilDone(service, connect),
  };
  return service;
}

function connectUntilDone<D>(service: Service<ServiceConfig>, connect: (service: ServiceContext) => Promise<D>): Promise<D> {
  let closers: (() => Promise<void> | void)[] = [];
  const context: ServiceContext = {
    config: service.config, identity: service.identity, log: service.log, hub: service.hub,
    postgres: service.postgres, redis: service.redis, etcd: service.etcd, rabbitmq: service.rabbitmq,
    onClose: (close) => void closers.push(close),
  };
  const stopping = new AbortController();
  service.shutdown.add("work", "connect", () => stopping.abort());
  return untilDone(async () => {
    closers = [];
    try {
      const deps = await connect(context);
      for (const close of closers) service.onClose(close);
      // Closers that come later, from the running application.
      context.onClose = service.onClose;
      return deps;
    } catch (error) {
      // What a failed try has opened is closed before the next.
      for (const close of closers.reverse()) await Promise.resolve(close()).catch(() => undefined);
      throw error;
    }
  }, {
    backoff: RECONNECT,
    signal: stopping.signal,
    onFailure: (error, failures) => {
      if (error instanceof PermanentError || error instanceof ConfigError) throw error;
      if (failures === 1) service.log.warn({ err: error, reason: messageOf(error) }, "cannot start yet; trying until it can");
    },
  });
}
