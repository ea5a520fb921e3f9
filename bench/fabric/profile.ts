/**
 * Where the time of hub, agent and database goes while tasks are in flight.
 *
 *     node bench/fabric/profile.ts [--in-flight 64] [--seconds 15] [--action noop] [--folder DIR]
 *
 * Prints the functions that V8 found at work in hub and agent, and the statements of PostgreSQL by their total time. The
 * profiles stay in the folder, for Chrome's or another viewer. Profiling itself costs about a tenth of the throughput.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { docker } from "../../test/live/support/run-spec.ts";
import { Fabric } from "./contestants/fabric.ts";
import { functionTable, functionTimes, type CpuProfile } from "./measure/cpu-profile.ts";
import { BenchStack } from "./stack/bench-stack.ts";
import { AGENT } from "./stack/specs.ts";
import { untilInterrupted } from "./stack/until-interrupted.ts";

const { values } = parseArgs({ options: {
  "in-flight": { type: "string", default: "64" },
  seconds: { type: "string", default: "15" },
  action: { type: "string", default: "noop" },
  folder: { type: "string" },
} });
if (values.action !== "noop" && values.action !== "echo") throw new Error("--action: noop or echo");
const action = values.action;
const inFlight = Number(values["in-flight"]);
const WARM_MS = 4_000;
const STATEMENTS = `select calls, round(total_exec_time) as ms, round((total_exec_time / calls)::numeric, 3) as each_ms, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) as statement
  from pg_stat_statements order by total_exec_time desc limit 15`;

await untilInterrupted(async (closers) => {
  const stack = new BenchStack({ profile: true });
  const { runner } = stack;
  closers.push(() => stack.tearDown());
  await stack.setUp();
  const fabric = new Fabric(stack, action);
  closers.push(() => fabric.stop());
  await fabric.start();
  await fabric.steady(inFlight, WARM_MS, 0);
  await stack.sql("create extension if not exists pg_stat_statements");
  await stack.sql("select pg_stat_statements_reset()");
  const { rate, tasks, p50, p99 } = await fabric.steady(inFlight, Number(values.seconds) * 1_000, 0);
  console.log(`${rate.toFixed(0)} tasks/s with ${inFlight} in flight, p50 ${p50!.toFixed(1)} ms, p99 ${p99!.toFixed(1)} ms\n`);
  console.log("calls|ms|ms each|rows|statement");
  console.log(await stack.sql(STATEMENTS));

  const folder = values.folder ?? mkdtempSync(join(tmpdir(), "bench-fabric-profile-"));
  for (const service of ["hub", AGENT]) {
    const target = join(folder, service);
    mkdirSync(target, { recursive: true });
    await runner.stop(service); // it writes its profile as it ends
    await docker("cp", `${runner.container(service)}:${BenchStack.PROFILES}/.`, target);
    const times = readdirSync(target).flatMap((file) => functionTimes(JSON.parse(readFileSync(join(target, file), "utf8")) as CpuProfile));
    const busyMs = times.reduce((sum, { selfMs }) => sum + selfMs, 0);
    console.log(`\n${service}: ${(busyMs / 1000).toFixed(1)} s at work since its start, ${tasks} tasks measured; profiles in ${target}`);
    console.log(functionTable(times));
  }
});
process.exit(0);
