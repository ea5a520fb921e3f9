/** Effects that happen once however often their task is delivered. Tables: schema fabric, see the hub's migrations. */
import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";

export interface EffectOwner {
  taskId: string;
  attempt: number;
  agentId: string;
  /** An attempt that is over must not leave an effect. */
  signal: AbortSignal;
}

export class Effects {
  readonly #pool: () => Pool;

  /** @param pool called at the first effect: an agent without effects needs no database */
  constructor(pool: () => Pool) {
    this.#pool = pool;
  }

  /**
   * Runs `effect` and records its result in one transaction; where this task has recorded one under `key`, returns that.
   * The result goes through JSON in both cases alike.
   *
   * @throws what `effect` throws, with everything it did through its client undone
   */
  async once<T extends object>(owner: EffectOwner, key: string, effect: (tx: PoolClient) => Promise<T>): Promise<T> {
    const { taskId, attempt, agentId, signal } = owner;
    signal.throwIfAborted();
    const client = await this.#pool().connect();
    let broken: Error | undefined;
    try {
      // The lock lets a second delivery wait for the first instead of doing the effect beside it.
      await client.query(`begin; select pg_advisory_xact_lock(${lockId(taskId, key)})`);
      const claim = await client.query<{ result: T }>("select result from fabric.effect_claims where task_id = $1 and key = $2", [taskId, key]);
      if (claim.rows[0]) {
        await client.query("rollback");
        return claim.rows[0].result;
      }
      const result = JSON.stringify(await effect(client));
      signal.throwIfAborted();
      await client.query(
        "insert into fabric.effect_claims (task_id, key, attempt, agent_id, result) values ($1, $2, $3, $4, $5)",
        [taskId, key, attempt, agentId, result],
      );
      await client.query("commit");
      return JSON.parse(result) as T;
    } catch (error) {
      await client.query("rollback").catch((rollback: Error) => { broken = rollback; });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Appends a row that proves an effect; see the `echo` action. */
  static async append(tx: PoolClient, owner: EffectOwner, key: string): Promise<void> {
    await tx.query("insert into fabric.effects (task_id, key, attempt, agent_id) values ($1, $2, $3, $4)", [owner.taskId, key, owner.attempt, owner.agentId]);
  }

  /** Rows that the effects of this task have left. */
  async count(taskId: string): Promise<number> {
    const { rows } = await this.#pool().query<{ n: number }>("select count(*)::int as n from fabric.effects where task_id = $1", [taskId]);
    return rows[0]!.n;
  }
}

/** A signed 64-bit number for an advisory lock. */
export function lockId(taskId: string, key: string): bigint {
  return createHash("sha256").update(`${taskId}/${key}`).digest().readBigInt64BE(0);
}
