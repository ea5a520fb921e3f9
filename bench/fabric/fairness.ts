/**
 * A caller with 10,000 waiting tasks, and a caller with one: how long the one waits, with and without the crowd.
 *
 *     node bench/fabric/fairness.ts [--samples 200] [--crowd 10000] [--json]
 *
 * A wait is the time from the submission until the agent starts, in ms. Both callers have the same priority; a task keeps
 * the agent busy for 20 ms, and the agent does 8 at once. The crowd is kept at its size while the other caller is measured.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BATCH_LIMIT } from "../../contract/tasks.ts";
import { HubApi, type TaskInput } from "./contestants/hub-api.ts";
import { quantile } from "./measure/statistics.ts";
import { BenchStack } from "./stack/bench-stack.ts";
import { AGENT_TYPE } from "./stack/specs.ts";
import { untilInterrupted } from "./stack/until-interrupted.ts";

const { values } = parseArgs({ options: {
  samples: { type: "string", default: "200" },
  crowd: { type: "string", default: "10000" },
  json: { type: "boolean", default: false },
} });
const SAMPLES = Number(values.samples);
const CROWD = Number(values.crowd);
const CONCURRENCY = 8;
const TASK: TaskInput = { action: "noop", input: { sleepMs: 20 } };
/** Between two tasks of the caller with one. */
const PAUSE_MS = 20;
const REST_MS = 3_000;

interface Waits { samples: number; p50: number; p99: number; worst: number }

async function waitsOf(api: HubApi): Promise<Waits> {
  const waits: number[] = [];
  while (waits.length < SAMPLES) {
    const submittedAt = Date.now();
    const id = await api.submit(TASK);
    await api.ended(id);
    waits.push((await api.task(id)).result.startedAt - submittedAt);
    await sleep(PAUSE_MS);
  }
  waits.sort((a, b) => a - b);
  return { samples: waits.length, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), worst: waits.at(-1)! };
}

/** Keeps `CROWD` tasks waiting until told to stop. */
class Crowd {
  readonly #api: HubApi;
  #waiting = 0;
  #fewest = Infinity;
  #stopped = false;

  constructor(api: HubApi) {
    this.#api = api;
  }

  /** The fewest that waited since the crowd was complete. */
  get fewest(): number {
    return this.#fewest;
  }

  /** Resolves when it is complete, and goes on. */
  async gather(): Promise<void> {
    // Beyond the size by what is done while a batch is under way.
    while (this.#waiting < CROWD + BATCH_LIMIT) await this.#more();
    void this.#keep();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #keep(): Promise<void> {
    while (!this.#stopped) {
      this.#fewest = Math.min(this.#fewest, this.#waiting);
      if (this.#waiting < CROWD + BATCH_LIMIT) await this.#more();
      else await sleep(10);
    }
  }

  async #more(): Promise<void> {
    const tasks = Array.from({ length: BATCH_LIMIT }, () => TASK);
    const ids = await this.#api.submitBatch(tasks) ?? await Promise.all(tasks.map((task) => this.#api.submit(task)));
    this.#waiting += ids.length;
    for (const id of ids) void this.#api.ended(id).finally(() => { this.#waiting -= 1; }).catch(() => undefined);
  }
}

await untilInterrupted(async (closers) => {
  const stack = new BenchStack({ concurrency: CONCURRENCY });
  closers.push(() => stack.tearDown());
  await stack.setUp();
  const callerNamed = async (caller: string): Promise<HubApi> => {
    const api = new HubApi({ url: stack.hubUrl, token: stack.token(caller), caller, type: AGENT_TYPE });
    closers.push(() => api.close());
    await api.open();
    return api;
  };
  const one = await callerNamed("user:one");
  const crowd = new Crowd(await callerNamed("user:crowd"));
  await waitsOf(one); // plans and caches get warm
  const alone = await waitsOf(one);
  await crowd.gather();
  await sleep(REST_MS);
  const beside = await waitsOf(one);
  crowd.stop();
  const report = { alone, beside, fewestWaiting: crowd.fewest, ratioOfP99: beside.p99 / alone.p99 };
  if (values.json) return console.log(JSON.stringify(report, null, 2));
  for (const [name, { p50, p99, worst }] of Object.entries({ "without the crowd": alone, "with the crowd": beside })) {
    console.log(`${name.padEnd(18)} p50 ${p50} ms, p99 ${p99} ms, worst ${worst} ms, of ${SAMPLES}`);
  }
  console.log(`tasks of the crowd that waited meanwhile: at least ${crowd.fewest}`);
});
process.exit(0);
