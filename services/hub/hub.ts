/** The hub put together: what is told to whom. */
import type { Pool } from "pg";
import type { Redis } from "ioredis";
import { FABRIC_SCHEMA } from "../../contract/access.ts";
import { REGISTRY_PREFIX } from "../../contract/registry.ts";
import { Unavailable } from "../kit/errors.ts";
import type { HttpApp } from "../kit/http.ts";
import type { Logger } from "../kit/log.ts";
import type { Bus } from "../kit/rabbitmq.ts";
import type { CheckToken } from "../kit/tokens.ts";
import type { Registry as MetricsRegistry } from "prom-client";
import { Catalogs } from "./actions/catalogs.ts";
import { createControl, type Control } from "./agents/control.ts";
import { Inbox } from "./agents/inbox.ts";
import { mountAgents } from "./api/agent-routes.ts";
import { mountBulk } from "./api/bulk-routes.ts";
import { mountEdge } from "./api/edge-routes.ts";
import { mountGatewayStatus } from "./api/gateway-routes.ts";
import { mountEvents } from "./api/event-stream.ts";
import { mountOpenApi } from "./api/openapi-route.ts";
import { mountQueues } from "./api/queue-routes.ts";
import { mountRegistry } from "./api/registry-routes.ts";
import { mountRetention } from "./api/retention-routes.ts";
import { mountTasks, type TaskDeps } from "./api/task-routes.ts";
import { Leadership } from "./database/leadership.ts";
import { migrate, type Migration } from "../kit/migrations.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { Outbox } from "./dispatch/outbox.ts";
import { EventFeed } from "./events/feed.ts";
import { mountGateway, type GatewayOptions } from "./gateway/gateway.ts";
import { PostgresCalls } from "./gateway/tasks/postgres-calls.ts";
import { createHubMetrics } from "./metrics.ts";
import { RedisMirror } from "./mirror/redis-mirror.ts";
import { LoadWindow } from "./queues/load-window.ts";
import { LoadWriter } from "./queues/load-writer.ts";
import { QueueReader } from "./queues/queue-reader.ts";
import { idOf, ServiceRegistry } from "./registry/registry.ts";
import { RoundRobin } from "./registry/round-robin.ts";
import { PrefixWatch } from "./registry/watch.ts";
import { TaskFabric } from "./tasks/fabric.ts";
import { liveTasks } from "./tasks/live-tasks.ts";
import { Sweeper } from "./tasks/sweeper.ts";
import type { TaskChange } from "./tasks/task-change.ts";

/** What the gateway needs that is not the hub's own. */
export type HubGatewayOptions = Pick<GatewayOptions, "credentials" | "sealSecret" | "callsPerMinute" | "longCalls" | "limits" | "ownHosts" | "outsideHosts">;

export interface HubOptions {
  http: HttpApp;
  metrics: MetricsRegistry;
  log: Logger;
  checkToken: CheckToken;
  /** Hubs of the stack. */
  replicas: number;
  /** The hub's own token, accepted by every service. */
  token: string;
  gateway: HubGatewayOptions;
  migrations: readonly Migration[];
}

export interface HubStores {
  pool: Pool;
  redis: Redis;
  bus: Bus;
  /** `http://user:password@etcd:2379`; secret. */
  etcdUrl: string;
  onEtcdRefused(): void;
}

/** Beyond it the pending set in Redis is filled with the oldest only. */
const REFILL_LIMIT = 100_000;
/** What the outbox still holds after this was not confirmed in time. */
const RESEND_AFTER_MS = 5_000;

interface Running {
  tasks: TaskDeps;
  control: Control;
  leads(): boolean;
  watch: PrefixWatch;
  close(): Promise<void>;
}

/** Its routes exist from the beginning and answer 503 until {@link Hub.start} has been through. */
export class Hub {
  readonly #options: HubOptions;
  readonly #registry = new ServiceRegistry();
  readonly #feed: EventFeed;
  readonly #catalogs: Catalogs;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #stores: HubStores | null = null;
  #running: Running | null = null;
  #onCapacity: () => void = () => undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    const { http, log, token, metrics } = options;
    const replicas = new RoundRobin(this.#registry);
    const stores = (): HubStores => this.#stores ?? unavailable();
    this.#feed = new EventFeed({ bus: () => stores().bus, shared: options.replicas > 1, leads: () => this.#running?.leads() ?? false });
    this.#catalogs = new Catalogs({ pool: () => stores().pool, registry: this.#registry, token, log, onCapacity: () => this.#onCapacity() });
    this.#registry.onChange((change) => this.#feed.serviceChanged(change));
    const running = (): Running => this.#running ?? unavailable();
    const queues = new QueueReader(() => stores().pool);
    mountTasks(http, this.#catalogs, () => running().tasks);
    mountBulk(http, this.#catalogs, () => running().tasks.fabric);
    mountQueues(http, this.#catalogs, queues);
    mountAgents(http, this.#registry, () => running().control);
    mountRegistry(http, this.#registry, this.#catalogs);
    mountRetention(http, () => stores().pool);
    mountOpenApi(http);
    this.#closers.push(mountEvents(http, this.#feed));
    const ledger = new PostgresCalls({ pool: () => stores().pool, fabric: () => running().tasks.fabric, sealSecret: options.gateway.sealSecret });
    const gateway = mountGateway(http, { ...options.gateway, ledger, registry: this.#registry, hubs: options.replicas, metrics, log });
    this.#closers.push(() => gateway.close());
    mountGatewayStatus(http, gateway, this.#registry);
    mountEdge(http, { checkToken: options.checkToken, registry: this.#registry, replicas, credentials: options.gateway.credentials });
    this.#metrics = createHubMetrics(metrics, {
      pool: () => this.#stores?.pool ?? null,
      queues,
      registered: () => ({ server: this.#registry.servers().length, agent: this.#registry.agents().length }),
      gatewayTools: () => gateway.tools,
      redisUp: () => this.#stores?.redis.status === "ready",
    });
  }
  readonly #metrics: ReturnType<typeof createHubMetrics>;

  /** What it lacks beside its stores. */
  missing(): string[] {
    if (!this.#running) return ["start"];
    return this.#running.watch.following ? [] : ["etcd"];
  }

  /** @throws when a store does not answer; call it again */
  async start(stores: HubStores): Promise<void> {
    const { log, migrations } = this.#options;
    const ran = await migrate(stores.pool, FABRIC_SCHEMA, migrations);
    if (ran.length > 0) log.info({ migrations: ran }, "the database is up to date");
    this.#stores = stores;
    await this.#catalogs.load();
    this.#running = this.#run(stores);
  }

  /** Ends what holds requests open, so that the port can close. */
  async release(): Promise<void> {
    for (const close of this.#closers) await close();
  }

  /** Ends the work in an order that loses nothing: no new results, no new dispatches, confirms awaited. */
  async close(): Promise<void> {
    this.#catalogs.close();
    await this.#running?.close();
  }

  #run({ pool, redis, bus, etcdUrl, onEtcdRefused }: HubStores): Running {
    const { log } = this.#options;
    const mirror = new RedisMirror(redis, log, () => liveTasks(pool, REFILL_LIMIT));
    const outbox = new Outbox(pool, (key, body, options) => bus.publish(key, body, options), log);
    const control = createControl((key, body, options) => bus.publish(key, body, options), (type) => this.#registry.agents(type).map(idOf), log);
    const load = new LoadWindow();
    const loadWriter = new LoadWriter(pool, load, log);
    const changed = (changes: readonly TaskChange[]): void => {
      mirror.changed(changes);
      for (const change of changes) {
        this.#feed.taskChanged(change);
        this.#metrics.taskChanged(change);
      }
      sweeper.wake();
    };
    const resend = (olderThanMs: number): void => {
      if (leadership.client && bus.publishes) void outbox.resend(olderThanMs).catch((error: unknown) => log.warn({ err: error }, "the outbox could not be read"));
    };
    const leadership = new Leadership(pool, log, {
      gain: () => {
        // What an earlier hub committed and may not have published.
        resend(0);
        load.begin();
        dispatcher.wake();
        sweeper.wake();
      },
      work: () => {
        dispatcher.wake();
        sweeper.wake();
      },
    });
    const dispatcher: Dispatcher = new Dispatcher({
      session: () => leadership.client,
      brokerReady: () => bus.publishes,
      limits: () => this.#catalogs.limits(),
      send: (dispatched) => outbox.send(dispatched),
      onChange: changed,
      onCycle: (dispatched, seconds) => {
        this.#metrics.dispatched(dispatched, seconds);
        for (const { message } of dispatched) load.started(message.type);
      },
      onLook: (type, active) => load.saw(type, active),
      log,
    });
    const fabric = new TaskFabric(pool, control, {
      changed,
      completed: (task, seconds) => {
        mirror.cache(task);
        this.#metrics.completed(task.type, seconds);
      },
      alive: (tasks) => mirror.alive(tasks),
      pending: (ms) => {
        dispatcher.wakeIn(ms);
        leadership.tellLeader();
      },
      roomMade: () => {
        dispatcher.roomMade();
        leadership.tellLeader();
      },
      deadLetters: () => resend(RESEND_AFTER_MS),
    }, (submissions) => dispatcher.store(submissions));
    const sweeper: Sweeper = new Sweeper({
      pool,
      leads: () => leadership.client !== null,
      hears: () => bus.publishes && inbox.listens,
      queueDepth: (queue) => bus.depth(queue),
      apply: async (events) => { await fabric.apply(events); },
      onRound: ({ unsent }) => {
        if (unsent) resend(RESEND_AFTER_MS);
        // The broker may have come back, another hub may have taken a task, a delay may be over.
        dispatcher.wake();
        loadWriter.round();
      },
      log,
    });
    const inbox = new Inbox({
      bus, control, log,
      publish: (key, body, options) => bus.publish(key, body, options),
      onResults: (results) => fabric.takeResults(results),
      onHeartbeats: (heartbeats) => fabric.takeHeartbeats(heartbeats),
    });
    this.#onCapacity = () => dispatcher.wake();
    const watch = new PrefixWatch({
      url: etcdUrl, prefix: REGISTRY_PREFIX, log,
      onList: (entries) => this.#registry.replaceAll(entries),
      onPut: (key, value) => this.#registry.put(key, value),
      onDelete: (key) => this.#registry.remove(key),
      onRefused: onEtcdRefused,
    });
    leadership.start();
    inbox.start();
    return {
      tasks: { pool, fabric, mirror },
      control,
      leads: () => leadership.client !== null,
      watch,
      close: async () => {
        await watch.close();
        await inbox.close();
        await sweeper.close();
        await dispatcher.close();
        await fabric.close();
        await outbox.close();
        await leadership.close();
        mirror.close();
        this.#feed.flush();
      },
    };
  }
}

function unavailable(): never {
  throw new Unavailable("The hub is starting; GET /readyz says what it waits for.");
}
