/** ACL users of applications in Redis. */
import { Redis } from "ioredis";
import { OPERATOR, storeUser, type Grant } from "../../../contract/access.ts";
import { derivePassword, sha256Hex } from "../../../contract/derive.ts";
import { messageOf, Unavailable, UserFault } from "../../kit/errors.ts";
import type { AccessStore } from "./store.ts";

const KEY_RULE = /^(~|%R~|%W~|%RW~)\S+$/;
const COMMAND_RULE = /^[+-]@?[a-z][a-z0-9_-]*(\|[a-z0-9_-]+)?$/;

/**
 * Rules for `ACL SETUSER`, which applies all of them or none. They begin with `reset`, so nothing of earlier ones stays.
 *
 * @throws {UserFault} naming a rule that is neither a key pattern nor a command
 */
export function aclRules(rights: NonNullable<Grant["redis"]>, passwordHash: string): string[] {
  for (const rule of rights.keys) {
    if (!KEY_RULE.test(rule)) throw new UserFault(`redis.keys: "${rule}" is not a key pattern; write ~p, %R~p or %W~p`);
  }
  for (const rule of rights.commands) {
    if (!COMMAND_RULE.test(rule)) throw new UserFault(`redis.commands: "${rule}" is not a command rule; write +get, +@read or -@dangerous`);
  }
  return ["reset", "on", `#${passwordHash}`, "resetchannels", ...rights.keys, "-@all", ...rights.commands];
}

export class RedisAccess implements AccessStore {
  readonly name = "redis";
  readonly #redis: Redis;
  readonly #passwordKey: string;
  #saving: Promise<void> = Promise.resolve();
  #nextSave: Promise<void> | null = null;

  constructor(url: string, passwordKey: string) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      // INFO is none of the administrator's rights.
      enableReadyCheck: false,
      connectTimeout: 2_000,
      commandTimeout: 5_000,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(2_000, 200 * times),
    });
    // Each command reports its own failure.
    this.#redis.on("error", () => undefined);
    this.#passwordKey = passwordKey;
  }

  async missing(): Promise<string[]> {
    const users = (await this.#call(() => this.#redis.acl("USERS"))) as string[];
    return [OPERATOR, "health"].filter((user) => !users.includes(user)).map((user) => `redis: user ${user} (run ./mcp restart redis)`);
  }

  /** Its base users come with the server's start. */
  async prepare(): Promise<void> {}

  async apply(grant: Grant): Promise<void> {
    const user = storeUser(grant.identity);
    if (grant.redis) {
      const hash = sha256Hex(derivePassword(this.#passwordKey, "redis", grant.identity));
      const rules = aclRules(grant.redis, hash);
      await this.#call(() => this.#redis.acl("SETUSER", user, ...rules));
    } else {
      await this.#call(() => this.#redis.acl("DELUSER", user));
    }
    await this.#save();
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  /** Into the data volume, where the server's start finds it again. Whoever comes while one runs shares the next. */
  #save(): Promise<void> {
    this.#nextSave ??= this.#saving.then(() => {
      this.#nextSave = null;
      const save = this.#call(() => this.#redis.acl("SAVE")).then(() => undefined);
      this.#saving = save.catch(() => undefined);
      return save;
    });
    return this.#nextSave;
  }

  async #call<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      if (error instanceof Error && error.name === "ReplyError") throw error;
      throw new Unavailable(`does not answer: ${messageOf(error)}`, { cause: error });
    }
  }
}
