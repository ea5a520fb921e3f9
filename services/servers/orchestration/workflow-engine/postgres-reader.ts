/** Schema `workflows`, read only; the coordinator makes it when it first starts. */
import type { Pool } from "pg";
import type { RunState, StepState } from "../../../../contract/workflow.ts";
import { messageOf, Unavailable } from "../../../kit/errors.ts";
import type { RunReader, UnitView } from "./run-reader.ts";

const RUN = "SELECT state, reason FROM workflows.runs WHERE id = $1";
const UNITS = `SELECT step, item, state, task_id AS "taskId", reason, CASE WHEN $2 THEN result END AS result, error, attempts,
    started_at AS "startedAt", finished_at AS "finishedAt", compensation
  FROM workflows.units WHERE run_id = $1 ORDER BY step, item`;
const SUMMARIES = `SELECT r.id, r.state AS run, u.state, count(u.step)::int AS steps
  FROM workflows.runs r LEFT JOIN workflows.units u ON u.run_id = r.id AND u.item = -1 WHERE r.id = ANY ($1::uuid[]) GROUP BY 1, 2, 3`;

/** undefined_table, invalid_schema_name: no coordinator has run yet. */
const NO_RUNS = new Set(["42P01", "3F000"]);

export function postgresReader(pool: Pick<Pool, "query">): RunReader {
  async function query<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await pool.query<Row>(text, values)).rows;
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? "");
      if (NO_RUNS.has(code)) return [];
      // 08: connection lost; 28: login refused until access has made it; 53: no connection free; 57P: starting or stopping.
      const answered = /^[0-9A-Z]{5}$/.test(code) && !/^(08|28|53|57P|EPIPE)/.test(code);
      throw answered ? error : new Unavailable(`The record of runs in PostgreSQL does not answer: ${messageOf(error)}.`, { cause: error });
    }
  }
  return {
    async read(id, withResults) {
      const [run] = await query<{ state: RunState; reason: string | null }>(RUN, [id]);
      return run ? { ...run, units: await query<UnitView>(UNITS, [id, withResults]) } : null;
    },
    async summaries(ids) {
      const rows = await query<{ id: string; run: RunState; state: StepState | null; steps: number }>(SUMMARIES, [ids]);
      return new Map([...Map.groupBy(rows, (row) => row.id)].map(([id, of]) => [id, {
        state: of[0]!.run, steps: Object.fromEntries(of.flatMap(({ state, steps }) => (state === null ? [] : [[state, steps]]))),
      }]));
    },
  };
}
