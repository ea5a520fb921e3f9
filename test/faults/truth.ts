/** What the stores hold: tasks and effects by SQL, letters from the dead-letter queues. */
import amqp from "amqplib";
import pg from "pg";
import { deadQueue } from "../../contract/bus.ts";
import type { FoundEffect, FoundLetter, FoundTask, Truth } from "./checker.ts";

export interface TruthSources {
  /** `postgres://…` of one who may read schema fabric. */
  postgresUrl: string;
  /** `amqp://…` of one who may read the dead-letter queues. */
  rabbitmqUrl: string;
}

export interface InFlight {
  /** With the broker or an agent. */
  active: number;
  /** Waiting for their turn or their next attempt. */
  pending: number;
}

const TASKS = `select id, caller, idempotency_key as "idempotencyKey", state, attempt, result->>'payload' as payload,
  (result->>'attempt')::integer as "resultAttempt" from fabric.tasks`;
const EFFECTS = `select task_id as "taskId", key, count(*)::integer as rows from fabric.effects group by task_id, key`;
const IN_FLIGHT = `select count(*) filter (where state = 'active')::integer as active, count(*) filter (where state = 'pending')::integer as pending
  from fabric.tasks where state in ('active', 'pending')`;
/** Attempts of an agent that were declared lost, and what the task came to since. */
const LOST = `select a.task_id as "taskId", a.attempt, t.attempt as "current", t.state from fabric.attempts a join fabric.tasks t on t.id = a.task_id
  where a.outcome = 'lost' and a.agent_id = $1 and a.finished_at > $2`;

export class TruthReader {
  readonly #sources: TruthSources;
  readonly #pool: pg.Pool;

  constructor(sources: TruthSources) {
    this.#sources = sources;
    this.#pool = new pg.Pool({ connectionString: sources.postgresUrl, max: 2, connectionTimeoutMillis: 5_000 });
    // Connections that a killed server leaves behind; each query reports its own failure.
    this.#pool.on("error", () => undefined);
  }

  async inFlight(): Promise<InFlight> {
    return (await this.#pool.query<InFlight>(IN_FLIGHT)).rows[0]!;
  }

  /** Messages that the hub has still to hand to the broker. */
  async unsent(): Promise<number> {
    return (await this.#pool.query<{ n: number }>("select count(*)::integer as n from fabric.outbox")).rows[0]!.n;
  }

  async lostAttempts(agentId: string, since: Date): Promise<{ taskId: string; attempt: number; current: number; state: string }[]> {
    return (await this.#pool.query(LOST, [agentId, since])).rows;
  }

  async read(types: readonly string[]): Promise<Truth> {
    const { rows: tasks } = await this.#pool.query<FoundTask>(TASKS);
    const { rows: effects } = await this.#pool.query<FoundEffect>(EFFECTS);
    return { tasks, effects, letters: await this.#letters(types) };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  /** Looks without taking: what is not acknowledged goes back with the connection. */
  async #letters(types: readonly string[]): Promise<FoundLetter[]> {
    const connection = await amqp.connect(this.#sources.rabbitmqUrl, { timeout: 5_000 });
    try {
      const channel = await connection.createChannel();
      const letters: FoundLetter[] = [];
      for (const type of types) {
        for (let message = await channel.get(deadQueue(type)); message; message = await channel.get(deadQueue(type))) {
          const { taskId = "no task id", reason } = JSON.parse(message.content.toString("utf8")) as { taskId?: string; reason?: string };
          letters.push({ taskId, reason: reason ?? `by the broker: ${message.properties.headers?.["x-first-death-reason"]}` });
        }
      }
      return letters;
    } finally {
      await connection.close();
    }
  }
}
