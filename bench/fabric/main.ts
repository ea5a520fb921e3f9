/**
 * Our task fabric beside its peers, by turns in one run: tasks a second and latency at 1, 8 and 64 in flight, with an empty
 * and a 1 kB result, and a burst as fast as it is accepted. All settings are durable; what each promises stands below the table.
 *
 *     node bench/fabric/main.ts [--rounds 3] [--quick] [--only NAME]… [--json]
 *
 * Stores, hub and agent run in containers with the images and limits of a deployment; load generators and the peers'
 * workers are processes of this machine and reach them by the containers' addresses. A peer that cannot be installed is
 * named, and the rest goes on. Everybody shares this machine: trust the ratios, not the figures.
 */
import { parseArgs } from "node:util";
import { BareAmqp } from "./contestants/bare-amqp.ts";
import { BullMq } from "./contestants/bullmq.ts";
import { Celery } from "./contestants/celery.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { Fabric } from "./contestants/fabric.ts";
import { GraphileWorker } from "./contestants/graphile-worker.ts";
import { costOf, type Cost } from "./measure/cost.ts";
import { runRounds, type Bounds, type Failure } from "./measure/rounds.ts";
import { OURS, reportOf, textOf } from "./report.ts";
import { BenchStack } from "./stack/bench-stack.ts";
import { makePeerLogins } from "./stack/peer-logins.ts";
import { untilInterrupted } from "./stack/until-interrupted.ts";

const { values } = parseArgs({ options: {
  rounds: { type: "string", default: "3" },
  quick: { type: "boolean", default: false },
  only: { type: "string", multiple: true, default: [] },
  json: { type: "boolean", default: false },
} });
const bounds: Bounds = values.quick ? { rounds: 1, ms: 2_000, burst: 2_000 } : { rounds: Number(values.rounds), ms: 4_000, burst: 10_000 };
if (!Number.isInteger(bounds.rounds) || bounds.rounds < 1 || bounds.rounds > 20) throw new Error("--rounds: a whole number from 1 to 20");
const BURSTS_IN_A_ROW = values.quick ? 3 : 10;
const COST_MS = values.quick ? 4_000 : 10_000;

const say = (what: string): void => console.error(`bench: ${what}`);

await untilInterrupted(async (closers) => {
  const stack = new BenchStack({ peers: true });
  closers.push(() => stack.tearDown());
  say("starting stores, hub and agent");
  await stack.setUp();
  const logins = await makePeerLogins(stack);
  const all: Contestant[] = [
    new Fabric(stack, "noop"), new BareAmqp(logins.amqp, false), new BareAmqp(logins.amqp, true), new BullMq(logins.redis),
    new Celery(logins.celery), new GraphileWorker(logins.graphileWorker), new Fabric(stack, "echo"),
  ];
  const wanted = values.only.length === 0 ? all : all.filter(({ name }) => values.only.includes(name));
  if (wanted.length === 0) throw new Error(`--only: one of ${all.map(({ name }) => JSON.stringify(name)).join(", ")}`);

  const taking: Contestant[] = [];
  const absent: Failure[] = [];
  for (const contestant of wanted) {
    closers.push(() => contestant.stop());
    try {
      await contestant.start();
      taking.push(contestant);
    } catch (error) {
      if (contestant.name === OURS) throw error;
      absent.push({ contestant: contestant.name, reason: String((error as Error).message) });
      say(`${contestant.name} is absent: ${String((error as Error).message)}`);
    }
  }

  const { results, failures } = await runRounds(taking, bounds, OURS, say);
  const costs: Record<string, Cost> = {};
  const bursts: number[] = [];
  for (const ours of taking.filter((contestant) => contestant instanceof Fabric)) {
    say(`cost of a task · ${ours.name}`);
    costs[ours.name] = await costOf(stack, () => ours.steady(64, COST_MS, 0));
  }
  const ours = taking.find(({ name }) => name === OURS);
  for (let n = 1; ours && n <= BURSTS_IN_A_ROW; n++) {
    say(`burst ${n}/${BURSTS_IN_A_ROW} in a row`);
    bursts.push((await ours.burst(bounds.burst)).rate);
  }
  const notes = Object.fromEntries(taking.map(({ name, note, burstOf }) =>
    [name, note + (burstOf(bounds.burst) < bounds.burst ? `; bursts of ${burstOf(bounds.burst)}` : "")]));
  const report = reportOf({ rounds: bounds.rounds, results, failures: [...absent, ...failures], notes, costs, bursts });
  console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report));
});
process.exit(0);
