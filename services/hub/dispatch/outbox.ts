/** What is to be said to the broker: dispatches and dead letters, published with confirms and then forgotten. */
import type { Pool } from "pg";
import { cloudEventHeaders, EVENT_TYPES, EXCHANGES, taskQueue, type DeadLetter } from "../../../contract/bus.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { PublishOptions } from "../../kit/rabbitmq.ts";
import { Batcher } from "../batcher.ts";
import { ASYNC_COMMIT, BATCH_PLANS, HeldClient } from "../database/held-client.ts";
import { unsentDeadLetters } from "./dead-letters.ts";
import { unsentDispatches, type Dispatched } from "./dispatch-queries.ts";

export type Publish = (routingKey: string, body: unknown, options: PublishOptions) => Promise<void>;

interface Entry {
  taskId: string;
  attempt: number;
  kind: "dispatch" | "dead-letter";
}

const FORGET = {
  name: "outbox-forget",
  text: `delete from fabric.outbox o using json_to_recordset($1) as d ("taskId" uuid, attempt integer, kind text)
    where o.task_id = d."taskId" and o.attempt = d.attempt and o.kind = d.kind`,
};

/** Dispatches whose attempt is over: the task was cancelled, lost or expired before the broker confirmed. */
const DROP_OBSOLETE = `delete from fabric.outbox o where o.kind = 'dispatch' and o.created_at < now() - $1 * interval '1 millisecond'
  and not exists (select from fabric.tasks t where t.id = o.task_id and t.attempt = o.attempt and t.state = 'active')`;

const BATCH = 500;
/** Nothing waits for a row to go, so that one statement can take many. */
const FORGET_MS = 50;
const SOURCE = "/mcp/hub";

export class Outbox {
  readonly #pool: Pool;
  readonly #publish: Publish;
  readonly #log: Logger;
  readonly #held: HeldClient;
  readonly #forget: Batcher<Entry, void>;
  /** Published and not yet confirmed, so that a sweep does not publish them again. */
  readonly #underWay = new Set<string>();
  #failing = false;

  constructor(pool: Pool, publish: Publish, log: Logger) {
    this.#pool = pool;
    this.#publish = publish;
    this.#log = log;
    // Losing a delete only publishes once more what the attempt number makes harmless.
    this.#held = new HeldClient(pool, `${BATCH_PLANS}; ${ASYNC_COMMIT}`);
    this.#forget = new Batcher<Entry, void>({
      maxItems: BATCH,
      gatherMs: FORGET_MS,
      flush: async (entries) => {
        await this.#held.query({ ...FORGET, values: [JSON.stringify(entries)] });
        return entries.map(() => undefined);
      },
    });
  }

  /** Messages handed to the broker whose confirm is outstanding. */
  get unconfirmed(): number {
    return this.#underWay.size;
  }

  /** Publishes dispatches whose transaction is committed. What fails stays in the table for {@link resend}. */
  send(dispatched: readonly Dispatched[]): void {
    for (const { message, traceParent } of dispatched) {
      const { taskId, attempt, type } = message;
      void this.#deliver({ taskId, attempt, kind: "dispatch" }, taskQueue(type), message, {
        messageId: `${taskId}/${attempt}`,
        headers: cloudEventHeaders({
          id: `${taskId}/${attempt}`, source: SOURCE, type: EVENT_TYPES.taskRequested, subject: taskId, mcpattempt: attempt,
          ...(traceParent === null ? {} : { traceparent: traceParent }),
        }),
      });
    }
  }

  /**
   * Publishes what the table has kept for `olderThanMs`: after a start, after the broker was away, and dead letters.
   */
  async resend(olderThanMs: number): Promise<void> {
    await this.#pool.query(DROP_OBSOLETE, [olderThanMs]);
    const dispatched = await unsentDispatches(this.#pool, olderThanMs, BATCH);
    this.send(dispatched.filter(({ message }) => !this.#underWay.has(keyOf({ taskId: message.taskId, attempt: message.attempt, kind: "dispatch" }))));
    const letters = await unsentDeadLetters(this.#pool, BATCH);
    await Promise.all(letters.map((letter) => this.#bury(letter)));
  }

  /** Waits for the confirms under way. */
  async close(): Promise<void> {
    await this.#forget.drained();
    this.#held.close();
  }

  #bury(letter: DeadLetter): Promise<void> {
    const { taskId, attempts, type } = letter;
    return this.#deliver({ taskId, attempt: attempts, kind: "dead-letter" }, taskQueue(type), letter, {
      exchange: EXCHANGES.dead,
      messageId: `${taskId}/${attempts}/dead`,
      headers: {
        ...cloudEventHeaders({ id: `${taskId}/${attempts}/dead`, source: SOURCE, type: EVENT_TYPES.taskDead, subject: taskId, mcpattempt: attempts }),
        "x-reason": letter.reason,
        "x-attempts": attempts,
      },
    });
  }

  async #deliver(entry: Entry, routingKey: string, body: unknown, options: PublishOptions): Promise<void> {
    const key = keyOf(entry);
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      await this.#publish(routingKey, body, options);
      if (this.#failing) this.#log.info("the broker takes tasks again");
      this.#failing = false;
      await this.#forget.add(entry);
    } catch (error) {
      if (!this.#failing) this.#log.warn({ routingKey, kind: entry.kind, reason: messageOf(error) }, "a message stays in the outbox; sent again later");
      this.#failing = true;
    } finally {
      this.#underWay.delete(key);
    }
  }
}

const keyOf = ({ taskId, attempt, kind }: Entry): string => `${taskId}/${attempt}/${kind}`;
