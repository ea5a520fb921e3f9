/** Clients of the stores, logged in as an identity. */
import amqp from "amqplib";
import { Etcd3 } from "etcd3";
import { Redis } from "ioredis";
import pg from "pg";
import { postgresRole, storeUser, type Store } from "../../../contract/access.ts";
import type { SpecRunner } from "../support/run-spec.ts";

export class Clients {
  readonly #runner: SpecRunner;
  readonly #closing: (() => unknown)[] = [];

  constructor(runner: SpecRunner) {
    this.#runner = runner;
  }

  password(store: Store, identity: string): string {
    return this.#runner.keys.render([{ password: { store, identity } }]);
  }

  async amqp(identity: string, password = this.password("rabbitmq", identity)): Promise<amqp.ChannelModel> {
    const connection = await amqp.connect({
      hostname: this.#runner.address("rabbitmq"), username: storeUser(identity), password, vhost: "/",
    }, { noDelay: true, timeout: 5_000 });
    // The broker closes a channel, or the connection, for what is refused; each call says so itself.
    connection.on("error", () => undefined);
    this.#closing.push(() => connection.close().catch(() => undefined));
    return connection;
  }

  async channel(identity: string): Promise<amqp.ConfirmChannel> {
    const channel = await (await this.amqp(identity)).createConfirmChannel();
    channel.on("error", () => undefined);
    return channel;
  }

  async management(identity: string, method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://${this.#runner.address("rabbitmq")}:15672/api/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${storeUser(identity)}:${this.password("rabbitmq", identity)}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  redis(identity: string, password = this.password("redis", identity)): Redis {
    const client = new Redis({
      host: this.#runner.address("redis"), username: storeUser(identity), password, enableReadyCheck: false, maxRetriesPerRequest: 1,
    });
    client.on("error", () => undefined);
    this.#closing.push(() => client.disconnect());
    return client;
  }

  etcd(identity: string | null, password = identity === null ? "" : this.password("etcd", identity)): Etcd3 {
    const client = new Etcd3({
      hosts: `http://${this.#runner.address("etcd")}:2379`,
      ...(identity !== null && { auth: { username: storeUser(identity), password } }),
    });
    this.#closing.push(() => client.close());
    return client;
  }

  async postgres(identity: string, database = "mcp"): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.#runner.address("postgres"), user: postgresRole(identity), password: this.password("postgres", identity), database,
    });
    client.on("error", () => undefined);
    await client.connect();
    this.#closing.push(() => client.end().catch(() => undefined));
    return client;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closing.splice(0).map((close) => close()));
  }
}
