/** The coordinator's record in PostgreSQL, with the coordinator's rights, and what workflow-engine may do with it. */
import assert from "node:assert/strict";
import pg from "pg";
import { after, before, it } from "mocha";
import { postgresRole } from "../../../contract/access.ts";
import { PostgresRuns } from "../../../services/agents/coordinator/store/postgres-runs.ts";
import { runStoreCases } from "../../../services/agents/coordinator/testing/run-store.cases.ts";
import { postgresReader } from "../../../services/servers/orchestration/workflow-engine/postgres-reader.ts";
import type { FleetRig } from "./rig.ts";

export function recordCases(rig: FleetRig): void {
  const pools: pg.Pool[] = [];
  const pool = (identity: string): pg.Pool => {
    const made = new pg.Pool({ host: rig.runner.address("postgres"), user: postgresRole(identity), password: rig.clients.password("postgres", identity), database: "mcp" });
    made.on("error", () => undefined);
    pools.push(made);
    return made;
  };
  let runs: PostgresRuns;
  before(async () => {
    await rig.agent("coordinator");
    await rig.server("workflow-engine");
    await rig.dismiss();
    runs = new PostgresRuns(pool("agent:coordinator"));
  });
  after(() => Promise.all(pools.map((one) => one.end())));

  runStoreCases(() => runs);

  it("is read by workflow-engine, and not written", async () => {
    const reader = pool("server:workflow-engine");
    const { epoch } = await runs.open({ id: "00000000-0000-7000-8000-00000000000a", name: "n", attempt: 1 });
    await runs.save("00000000-0000-7000-8000-00000000000a", epoch, [{ step: "a", item: -1, unit: { state: "succeeded", taskId: null, round: 0, replay: false, reason: null, result: { n: 1 }, error: null, attempts: 1, startedAt: null, finishedAt: null, compensation: null } }]);
    const read = (withResults: boolean) => postgresReader(reader).read("00000000-0000-7000-8000-00000000000a", withResults);
    assert.deepEqual([(await read(true))!.units[0]!.result, (await read(false))!.units[0]!.result], [{ n: 1 }, null]);
    assert.deepEqual([...(await postgresReader(reader).summaries(["00000000-0000-7000-8000-00000000000a"])).values()], [{ state: "running", steps: { succeeded: 1 } }]);
    await assert.rejects(reader.query("delete from workflows.runs"), /permission denied/);
  });
}
