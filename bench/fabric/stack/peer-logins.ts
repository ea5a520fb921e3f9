/** Where the peers log in: a virtual host of our broker, databases of our PostgreSQL, a Redis of BullMQ's own. */
import { ACCESS_ADMIN } from "../../../contract/access.ts";
import { Clients } from "../../../test/live/infrastructure/clients.ts";
import type { CelerySettings } from "../contestants/celery.ts";
import type { RedisLogin } from "../contestants/bullmq.ts";
import type { BenchStack } from "./bench-stack.ts";
import { BULLMQ_REDIS, PEER } from "./specs.ts";

/** All of it secret. */
export interface PeerLogins {
  /** Of the virtual host. */
  amqp: string;
  celery: CelerySettings;
  graphileWorker: string;
  redis: RedisLogin;
}

export async function makePeerLogins(stack: BenchStack): Promise<PeerLogins> {
  const { runner } = stack;
  const clients = new Clients(runner);
  const password = (store: "rabbitmq" | "postgres" | "redis"): string => clients.password(store, PEER);
  for (const [path, body] of [
    [`vhosts/${PEER}`, {}],
    [`users/${PEER}`, { password: password("rabbitmq"), tags: "" }],
    [`permissions/${PEER}/${PEER}`, { configure: ".*", write: ".*", read: ".*" }],
  ] as const) {
    const { status } = await clients.management(ACCESS_ADMIN.rabbitmq, "PUT", path, body);
    if (status >= 300) throw new Error(`the broker answered ${status} to PUT ${path}`);
  }
  await stack.sql(`create role ${PEER} login password '${password("postgres")}'`);
  for (const database of ["celery", "graphile"]) await stack.sql(`create database ${database} owner ${PEER}`);
  const amqp = `amqp://${PEER}:${password("rabbitmq")}@${runner.address("rabbitmq")}:5672/${PEER}`;
  const postgres = (database: string, driver = ""): string =>
    `postgresql${driver}://${PEER}:${password("postgres")}@${runner.address("postgres")}:5432/${database}`;
  return {
    amqp,
    celery: { broker: amqp, database: postgres("celery", "+psycopg") },
    graphileWorker: postgres("graphile"),
    redis: { host: runner.address(BULLMQ_REDIS), username: PEER, password: password("redis") },
  };
}
