/** Users, rights and queues of applications in RabbitMQ, through its management API. */
import { storeUser, type Grant } from "../../../contract/access.ts";
import { deadQueue, EXCHANGES, taskQueue } from "../../../contract/bus.ts";
import { rabbitmqHash } from "../../../contract/derive.ts";
import { callJson } from "../../kit/http-json.ts";
import { splitCredentials } from "../config.ts";
import type { AccessStore } from "./store.ts";

const VHOST = encodeURIComponent("/");
const NOTHING = "^$";
const CALL_TIMEOUT_MS = 5_000;

type Rights = NonNullable<Grant["rabbitmq"]>;
interface Permission { configure: string; write: string; read: string }
interface TopicPermission { exchange: string; write: string; read: string }

/** The right to every routing key is what RabbitMQ gives where it is told nothing, so nothing is always said. */
export const topicRights = (rights: Rights): TopicPermission =>
  ({ exchange: EXCHANGES.topic, write: rights.topic?.write ?? NOTHING, read: rights.topic?.read ?? NOTHING });

const same = <T extends object>(found: Partial<T> | undefined, wanted: T): boolean =>
  found !== undefined && Object.entries(wanted).every(([key, value]) => found[key as keyof T] === value);

export class RabbitmqAccess implements AccessStore {
  readonly name = "rabbitmq";
  readonly #base: string;
  readonly #authorization: string;
  readonly #passwordKey: string;

  constructor(managementUrl: string, passwordKey: string) {
    const { base, username, password } = splitCredentials(managementUrl);
    this.#base = `${base}/api`;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    this.#passwordKey = passwordKey;
  }

  /** The topology comes with the broker's definitions; here it is only looked for. */
  async missing(): Promise<string[]> {
    const exchanges = Object.values(EXCHANGES);
    const found = await Promise.all(exchanges.map((name) => this.#find(`exchanges/${VHOST}/${name}`)));
    return exchanges.filter((_, index) => found[index] === null).map((name) => `rabbitmq: exchange ${name} (run ./mcp up)`);
  }

  async prepare(): Promise<void> {}

  async apply(grant: Grant): Promise<void> {
    const user = storeUser(grant.identity);
    const rights = grant.rabbitmq;
    if (!rights) {
      await this.#call("DELETE", `users/${user}`, undefined, 404);
      return;
    }
    if (rights.queuesFor !== undefined) await this.#ensureQueues(rights.queuesFor);
    const known = await this.#ensureUser(user, grant.identity);
    const changed = await this.#setRights(user, rights);
    // Channels remember what they were allowed; a new connection does not.
    if (known && changed) await this.#call("DELETE", `connections/username/${user}`, undefined, 404);
  }

  async close(): Promise<void> {}

  /** @returns whether the user was there before */
  async #ensureUser(user: string, identity: string): Promise<boolean> {
    const wanted = {
      password_hash: rabbitmqHash(this.#passwordKey, identity),
      hashing_algorithm: "rabbit_password_hashing_sha256",
    };
    const found = await this.#find<typeof wanted & { tags: unknown }>(`users/${user}`);
    if (!same(found ?? undefined, wanted) || String(found?.tags ?? "") !== "") await this.#call("PUT", `users/${user}`, { ...wanted, tags: "" });
    return found !== null;
  }

  /** @returns whether anything was changed */
  async #setRights(user: string, rights: Rights): Promise<boolean> {
    const permission: Permission = { configure: rights.configure, write: rights.write, read: rights.read };
    const topic = topicRights(rights);
    const [found, topics] = await Promise.all([
      this.#find<Permission>(`permissions/${VHOST}/${user}`),
      this.#find<TopicPermission[]>(`users/${user}/topic-permissions`),
    ]);
    const others = (topics ?? []).filter(({ exchange }) => exchange !== EXCHANGES.topic);
    const changes: (() => Promise<void>)[] = [];
    // Topic rights first: between the two calls the user must not have more than in the end.
    if (!same(topics?.find(({ exchange }) => exchange === EXCHANGES.topic), topic)) {
      changes.push(() => this.#call("PUT", `topic-permissions/${VHOST}/${user}`, topic));
    }
    if (!same(found ?? undefined, permission)) changes.push(() => this.#call("PUT", `permissions/${VHOST}/${user}`, permission));
    if (others.length > 0) {
      changes.push(async () => {
        await this.#call("DELETE", `topic-permissions/${VHOST}/${user}`);
        await this.#call("PUT", `topic-permissions/${VHOST}/${user}`, topic);
      });
    }
    for (const change of changes) await change();
    return changes.length > 0;
  }

  async #ensureQueues(type: string): Promise<void> {
    const pairs = [
      { exchange: EXCHANGES.topic, queue: taskQueue(type) },
      { exchange: EXCHANGES.dead, queue: deadQueue(type) },
    ];
    await Promise.all(pairs.map(async ({ exchange, queue }) => {
      const found = await this.#find(`queues/${VHOST}/${queue}`);
      if (!found) await this.#call("PUT", `queues/${VHOST}/${queue}`, { durable: true, arguments: { "x-queue-type": "quorum" } });
      await this.#call("POST", `bindings/${VHOST}/e/${exchange}/q/${queue}`, { routing_key: taskQueue(type) });
    }));
  }

  async #find<T>(path: string): Promise<T | null> {
    const { status, body } = await this.#request("GET", path);
    if (status === 404) return null;
    if (status !== 200) throw this.#refused("GET", path, status, body);
    return body as T;
  }

  async #call(method: string, path: string, body?: unknown, alsoFine?: number): Promise<void> {
    const answer = await this.#request(method, path, body);
    if (answer.status >= 300 && answer.status !== alsoFine) throw this.#refused(method, path, answer.status, answer.body);
  }

  #request(method: string, path: string, body?: unknown) {
    return callJson(method, new URL(`${this.#base}/${path}`), body, { headers: { authorization: this.#authorization }, timeoutMs: CALL_TIMEOUT_MS });
  }

  #refused(method: string, path: string, status: number, body: unknown): Error {
    const { reason } = (body ?? {}) as { reason?: unknown };
    return new Error(`${method} ${path}: ${status}${reason === undefined ? "" : ` ${String(reason)}`}`);
  }
}
