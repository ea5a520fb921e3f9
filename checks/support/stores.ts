/** Read-only connections to the stores as the stack's operator. */
import amqp from "amqplib";
import { Etcd3 } from "etcd3";
import { Redis } from "ioredis";
import pg from "pg";
import { http, hostPort } from "./reach.ts";
import { stack } from "./stack.ts";

const closers: (() => unknown)[] = [];
const once = <T>(open: () => Promise<T>) => {
  let value: Promise<T> | undefined;
  return () => (value ??= open());
};

export const postgres = once(async () => {
  const { username: user, password } = stack().credentials.postgres;
  const pool = new pg.Pool({ ...(await hostPort("postgres")), user, password, database: "mcp", max: 2 });
  pool.on("error", () => {});
  closers.push(() => pool.end());
  return pool;
});

export const redis = once(async () => {
  const { username, password } = stack().credentials.redis;
  const client = new Redis({ ...(await hostPort("redis")), username, password, maxRetriesPerRequest: 2 });
  client.on("error", () => {});
  closers.push(() => client.disconnect());
  return client;
});

export const etcd = once(async () => {
  const { username, password } = stack().credentials.etcd;
  const { host, port } = await hostPort("etcd");
  const client = new Etcd3({ hosts: `http://${host}:${port}`, auth: { username, password } });
  closers.push(() => client.close());
  return client;
});

/** An AMQP connection; the caller opens the channels it needs. */
export const rabbitmq = once(async () => {
  const { username, password } = stack().credentials.rabbitmq;
  const { host, port } = await hostPort("rabbitmq");
  const connection = await amqp.connect({ hostname: host, port, username, password, vhost: "/" });
  connection.on("error", () => {});
  closers.push(() => connection.close());
  return connection;
});

/** A document of RabbitMQ's management API, as in `/queues/%2F`. */
export async function management(path: string): Promise<any> {
  const { username, password } = stack().credentials.rabbitmq;
  const { host, port } = await hostPort("rabbitmqManagement");
  const answer = await http(`http://${host}:${port}/api${path}`, {
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` },
  });
  if (answer.status !== 200) throw new Error(`GET /api${path} answered ${answer.status}: ${answer.text.slice(0, 200)}`);
  return answer.body;
}

export const mochaHooks = {
  async afterAll() {
    await Promise.allSettled(closers.map((close) => close()));
  },
};
