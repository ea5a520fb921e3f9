/** Faults under a steady load, and the verdict over all of it. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUEUES, taskQueue } from "../../contract/bus.ts";
import type { ServicesAnswer } from "../../contract/registry.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { ActionsAnswer } from "../../contract/tasks.ts";
import { sleep } from "../../services/kit/backoff.ts";
import { pathsOf } from "../../ops/system/paths.ts";
import { clean, judge } from "./checker.ts";
import { FaultStack } from "./fault-stack.ts";
import { FAULTS, filledQueues, paused, VICTIM, type Fault } from "./faults.ts";
import { Load } from "./load.ts";
import { drawTask, type Worker } from "./mix.ts";
import { faultTable, loadLine, verdictTable, type Struck } from "./report.ts";
import { TruthReader } from "./truth.ts";

const PER_SECOND = 125;
const LEAST_PER_SECOND = 100;
const ACKNOWLEDGED = 30_000;
/** With the broker or an agent, when a fault strikes; and the load is steady again then. */
const IN_FLIGHT = 50;
const RECOVERY_MS = 90_000;
const DRAIN_MS = 120_000;

describe("the task fabric under faults", function () {
  this.timeout(300_000);
  let stack: FaultStack, load: Load, truth: TruthReader, workers: Worker[];
  const struck: Struck[] = [];

  before(async () => {
    stack = await FaultStack.deploy();
    truth = new TruthReader({ postgresUrl: stack.postgresUrl, rabbitmqUrl: await stack.storeUrl("rabbitmq", INFRASTRUCTURE.hub.host) });
    load = new Load({ edge: stack.edge, callers: await stack.callers(), perSecond: PER_SECOND, draw: () => drawTask(workers) });
    workers = await registeredWorkers();
    load.start();
  });

  after(async () => {
    await load?.stop();
    await truth?.close();
    stack?.remove();
  });

  for (const fault of FAULTS) {
    it(`goes on after a fault: ${fault.name}, ${fault.seconds} s`, async () => {
      const inFlight = await eventually(() => truth.inFlight(), ({ active }) => active >= IN_FLIGHT && load.rate >= LEAST_PER_SECOND, 60_000);
      const figures = { fault: fault.name, ...inFlight, rate: load.rate, acknowledged: load.history.acknowledged };
      say(loadLine(figures));
      const since = new Date();
      await strike(fault);
      const seconds = await recovery();
      struck.push({ ...figures, recoverySeconds: seconds });
      say(`works again after ${seconds.toFixed(1)} s`);
      if (fault === paused) await assertFenced(since);
    });
  }

  it("ends poison as a dead letter, and serves what comes after it", async () => {
    const [{ type }] = workers as [Worker];
    const poison = await load.submit({ type, action: "echo", priority: "high", input: { failTimes: 100 }, maxAttempts: 2, poison: true });
    const next = await load.submit(canary(type));
    assert.equal(await load.finalState(next, 20_000), "succeeded");
    assert.equal(await load.finalState(poison, 30_000), "dead");
  });

  it(`takes ${ACKNOWLEDGED.toLocaleString("en")} tasks in all`, async () => {
    await eventually(() => load.history.acknowledged, (acknowledged) => acknowledged >= ACKNOWLEDGED, 240_000);
    say(`${load.history.acknowledged.toLocaleString("en")} acknowledged, ${load.meanRate.toFixed(0)}/s over the whole, outages included`);
  });

  it("loses nothing, invents nothing, does nothing twice, and buries exactly the poison", async () => {
    await load.stop();
    await eventually(() => truth.inFlight(), ({ active, pending }) => active + pending === 0, DRAIN_MS);
    await eventually(() => truth.unsent(), (unsent) => unsent === 0, 30_000);
    const found = await truth.read(workers.map(({ type }) => type));
    const verdict = judge(load.history.attempts, found);
    keep({ attempts: load.history.attempts, truth: found, struck, verdict });
    say(`\n${faultTable(struck)}\n\n${verdictTable(verdict)}\n`);
    assert.ok(clean(verdict), JSON.stringify(verdict.violations, null, 1).slice(0, 4_000));
    assert.deepEqual(load.history.attempts.flatMap(({ refusal }) => refusal ?? []), [], "no submission may be refused");
  });

  it("leaves no message behind in a queue of tasks or results", async () => {
    const ours = new Set([QUEUES.results, ...workers.map(({ type }) => taskQueue(type))]);
    await eventually(async () => (await filledQueues(stack)).filter(({ name }) => ours.has(name)), (left) => left.length === 0, 30_000);
  });

  async function strike(fault: Fault): Promise<void> {
    try {
      await fault.strike(stack);
      await sleep(fault.seconds * 1_000);
    } catch (error) {
      await fault.mend(stack).catch(() => undefined);
      throw error;
    }
    await fault.mend(stack);
  }

  /** Seconds until a new task of every type has been through. */
  async function recovery(): Promise<number> {
    const started = performance.now();
    const through = workers.map(async ({ type }) => load.finalState(await load.submit(canary(type)), RECOVERY_MS));
    assert.deepEqual(new Set(await Promise.all(through)), new Set(["succeeded"]));
    return (performance.now() - started) / 1_000;
  }

  /** The paused agent was given up, its tasks went to others, and whatever it reports now that it is back changes nothing. */
  async function assertFenced(since: Date): Promise<void> {
    // Those of low priority have their turn when the crowd that waited is through.
    const lost = await eventually(() => truth.lostAttempts(VICTIM.id, since), (all) => all.every(({ attempt, current }) => current > attempt), 120_000);
    assert.ok(lost.length > 0, `no attempt of ${VICTIM.id} was given up`);
    const registered = async (): Promise<boolean> => ((await load.get("/services")).body as ServicesAnswer).services.some(({ host }) => host === VICTIM.host);
    await eventually(registered, (back) => back, 20_000);
    say(`${lost.length} of its attempts were given up and begun anew`);
  }

  /** Of every type that the hub knows, agents of other people's making included. */
  async function registeredWorkers(): Promise<Worker[]> {
    const { types }: ActionsAnswer = (await load.get("/actions")).body;
    const { services }: ServicesAnswer = (await load.get("/services")).body;
    const instances = (type: string): number => services.filter((entry) => entry.kind === "agent" && entry.type === type).length;
    return types.map(({ type, concurrency }) => ({ type, capacity: concurrency * instances(type) }));
  }
});

const canary = (type: string) => ({ type, action: "echo", priority: "high" as const, input: {}, poison: false });

const say = (text: string): void => console.log(text.replace(/^(?=.)/gm, "        "));

/** Reads until it is good. @throws with what was read last */
async function eventually<T>(read: () => Promise<T> | T, good: (value: T) => boolean, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value)?.slice(0, 1_000)}`);
    await sleep(200);
  }
}

/** The whole log, so that a verdict can be looked into, and given again by a better checker. */
function keep(log: object): void {
  const folder = join(pathsOf({}).home, "test");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "faults.json"), JSON.stringify(log));
  say(`log of attempts: ${join(folder, "faults.json")}`);
}
