/**
 * A million queued tasks: submitted while no agent runs, everything restarted, drained. Memory of every service and the rate
 * stay level, and nothing is lost.
 *
 *     node bench/fabric/million.ts [--tasks 1000000] [--json]
 *
 * Ends with 1 when a task that was acknowledged has not succeeded, or one succeeded that nobody submitted. Some ten minutes
 * and two gigabytes of disk for a million.
 */
import pg from "pg";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { OPERATOR, postgresRole } from "../../contract/access.ts";
import { BATCH_LIMIT } from "../../contract/tasks.ts";
import { HubApi, type TaskInput } from "./contestants/hub-api.ts";
import { containersOf, pssMiB } from "./measure/containers.ts";
import { BenchStack } from "./stack/bench-stack.ts";
import { AGENT, AGENT_TYPE, STORES } from "./stack/specs.ts";
import { untilInterrupted } from "./stack/until-interrupted.ts";

const { values } = parseArgs({ options: { tasks: { type: "string", default: "1000000" }, json: { type: "boolean", default: false } } });
const TASKS = Number(values.tasks);
const STEPS = 10;
const CALLER = "user:million";
const TASK: TaskInput = { action: "noop", input: {} };
/** Batches under way at once. */
const SUBMITTERS = 4;
const POLL_MS = 500;
/** Without one task more in that time the drain has come to a halt. */
const STALLED_MS = 120_000;
const PAGE = 50_000;
const SERVICES = ["hub", AGENT, "access", ...STORES];

interface Memory { when: string; mib: Record<string, number> }
interface Step { drained: number; tasksPerSecond: number }

async function submitAll(api: HubApi): Promise<Set<string>> {
  const ids = new Set<string>();
  let left = TASKS;
  await Promise.all(Array.from({ length: SUBMITTERS }, async () => {
    while (left > 0) {
      const size = Math.min(BATCH_LIMIT, left);
      left -= size;
      const tasks = Array.from({ length: size }, () => TASK);
      for (const id of await api.submitBatch(tasks) ?? await Promise.all(tasks.map((task) => api.submit(task)))) ids.add(id);
    }
  }));
  return ids;
}

/** Whose end the database has; walks by key, so that it costs the same at the end as at the beginning. */
async function statesOf(client: pg.Client, onTask: (id: string, state: string) => void): Promise<void> {
  for (let last = "00000000-0000-0000-0000-000000000000"; ;) {
    const { rows } = await client.query<{ id: string; state: string }>("select id, state from fabric.tasks where id > $1 order by id limit $2", [last, PAGE]);
    for (const { id, state } of rows) onTask(id, state);
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.id;
  }
}

await untilInterrupted(async (closers) => {
  const stack = new BenchStack();
  const { runner } = stack;
  const say = (what: string): void => console.error(`bench: ${what}`);
  closers.push(() => stack.tearDown());
  await stack.setUp();
  const memory: Memory[] = [];
  const note = (when: string, services: readonly string[] = SERVICES): void => {
    memory.push({ when, mib: Object.fromEntries(containersOf(services, (name) => runner.container(name)).map((container) => [container.name, Math.round(pssMiB(container))])) });
    say(`${when}: ${Object.entries(memory.at(-1)!.mib).map(([name, mib]) => `${name} ${mib}`).join(", ")} MiB`);
  };
  const login = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      host: runner.address("postgres"), user: postgresRole(OPERATOR), database: "mcp",
      password: runner.keys.render([{ password: { store: "postgres", identity: OPERATOR } }]),
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };

  note("idle");
  await runner.stop(AGENT);
  const api = new HubApi({ url: stack.hubUrl, token: stack.token(CALLER), caller: CALLER, type: AGENT_TYPE });
  say(`submitting ${TASKS} tasks`);
  const submitting = performance.now();
  const acknowledged = await submitAll(api);
  const submittedPerSecond = acknowledged.size / ((performance.now() - submitting) / 1000);
  await api.close();
  note("all queued", SERVICES.filter((name) => name !== AGENT));

  say("restarting everything");
  for (const name of ["hub", "access", ...STORES]) await runner.stop(name);
  for (const name of [...STORES, "access", "hub"]) await runner.restart(name);
  for (const name of STORES) await runner.ready(name, 120_000);
  await runner.restart(AGENT);
  const restarted = performance.now();
  await stack.ready();
  note("restarted");

  const client = await login();
  closers.push(() => client.end());
  // What the server counts of appended attempts: a count of the rows themselves would slow down what is measured.
  const done = async (): Promise<number> => {
    const { rows } = await client.query<{ n: string }>("select n_tup_ins as n from pg_stat_user_tables where schemaname = 'fabric' and relname = 'attempts'");
    return Number(rows[0]!.n);
  };
  const steps: Step[] = [];
  const size = Math.ceil(TASKS / STEPS);
  let [drained, lastChange, stepAt, stepFrom] = [0, Date.now(), restarted, 0];
  while (drained < TASKS) {
    await sleep(POLL_MS);
    const now = await done();
    if (now !== drained) lastChange = Date.now();
    drained = now;
    if (Date.now() - lastChange > STALLED_MS) throw new Error(`the drain has come to a halt at ${drained} of ${TASKS}`);
    if (drained - stepFrom < size && drained < TASKS) continue;
    const at = performance.now();
    steps.push({ drained, tasksPerSecond: Math.round((drained - stepFrom) / ((at - stepAt) / 1000)) });
    say(`${drained} drained, ${steps.at(-1)!.tasksPerSecond} tasks/s`);
    note(`${drained} drained`);
    [stepAt, stepFrom] = [performance.now(), drained];
  }
  await sleep(2_000);

  const lost = new Map<string, number>();
  let strangers = 0;
  const missing = new Set(acknowledged);
  await statesOf(client, (id, state) => {
    if (!missing.delete(id)) strangers++;
    else if (state !== "succeeded") lost.set(state, (lost.get(state) ?? 0) + 1);
  });
  const verdict = { acknowledged: acknowledged.size, missing: missing.size, notSucceeded: Object.fromEntries(lost), strangers };
  const whole = missing.size === 0 && lost.size === 0 && strangers === 0;
  if (!whole) process.exitCode = 1;
  if (values.json) return console.log(JSON.stringify({ submittedPerSecond, memory, steps, verdict, whole }, null, 2));
  console.log(`${acknowledged.size} tasks submitted, ${submittedPerSecond.toFixed(0)} a second`);
  console.log(["MiB (PSS)".padEnd(20), ...SERVICES.map((name) => name.padStart(10))].join(""));
  for (const { when, mib } of memory) console.log([when.padEnd(20), ...SERVICES.map((name) => String(mib[name] ?? "-").padStart(10))].join(""));
  for (const { drained: at, tasksPerSecond } of steps) console.log(`${String(at).padStart(8)} drained: ${tasksPerSecond} tasks/s`);
  console.log(whole ? "nothing lost" : `LOST: ${JSON.stringify(verdict)}`);
});
process.exit();
