/** How much waits for each type and for how long, as the database has it. */
import type { Pool } from "pg";
import type { MeasuredLoad } from "./load-window.ts";

export interface LiveQueue {
  type: string;
  pending: number;
  active: number;
  /** Since when the longest waiting task could have been worked on: dispatched or not, nobody has begun it. */
  oldestSeconds: number;
}

// Two partial indexes, each read alone. An agent that works says so within a second, so that without a sign of life a
// dispatched task lies in the broker's queue. One that waits for a retry has its time in the future.
const LIVE = `select coalesce(p.type, a.type) as type, coalesce(p.tasks, 0) as pending, coalesce(a.tasks, 0) as active,
    greatest(0, coalesce(extract(epoch from now() - least(p.since, a.since)), 0))::float8 as "oldestSeconds"
  from (select type, count(*)::integer as tasks, min(available_at) as since from fabric.tasks where state = 'pending' group by type) p
  full join (select type, count(*)::integer as tasks, min(available_at) filter (where started_at is null) as since
    from fabric.tasks where state = 'active' group by type) a on a.type = p.type
  order by 1`;

const DEAD = `select type, count(*)::integer as tasks from fabric.tasks where state = 'dead' group by type`;

const WRITE_LOAD = `insert into fabric.queue_load (type, started_per_second, held)
  select type, "startedPerSecond", held from json_to_recordset($1) as l (type text, "startedPerSecond" float8, held float8)
  on conflict (type) do update set started_per_second = excluded.started_per_second, held = excluded.held, measured_at = now()`;
/** What is older was written by a hub that is gone. */
const READ_LOAD = `select type, started_per_second as "startedPerSecond", held from fabric.queue_load where measured_at > now() - interval '90 seconds'`;

/** So many times as long as it took to count, a count is good enough: at most this share of a core goes into counting. */
const KEEP_FACTOR = 10;

export class QueueReader {
  readonly #pool: () => Pool;
  #reading: Promise<LiveQueue[]> | null = null;
  #freshUntil = 0;

  /** @param pool throws while the hub is starting */
  constructor(pool: () => Pool) {
    this.#pool = pool;
  }

  /** Types that have tasks which are not finished, by name. With a million waiting it is a little behind. */
  live(): Promise<LiveQueue[]> {
    if (this.#reading && performance.now() < this.#freshUntil) return this.#reading;
    const startedAt = performance.now();
    this.#freshUntil = Infinity;
    const reading = this.#read().finally(() => { this.#freshUntil = performance.now() + (performance.now() - startedAt) * KEEP_FACTOR; });
    reading.catch(() => { this.#freshUntil = 0; });
    return (this.#reading = reading);
  }

  async dead(): Promise<Map<string, number>> {
    const { rows } = await this.#pool().query<{ type: string; tasks: number }>(DEAD);
    return new Map(rows.map(({ type, tasks }) => [type, tasks]));
  }

  async load(): Promise<Map<string, MeasuredLoad>> {
    return new Map((await this.#pool().query<MeasuredLoad>(READ_LOAD)).rows.map((row) => [row.type, row]));
  }

  async #read(): Promise<LiveQueue[]> {
    return (await this.#pool().query<LiveQueue>(LIVE)).rows;
  }
}

export async function writeLoad(pool: Pool, load: readonly MeasuredLoad[]): Promise<void> {
  if (load.length > 0) await pool.query(WRITE_LOAD, [JSON.stringify(load)]);
}
