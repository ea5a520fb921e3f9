/**
 * A good server's calls, and the full list, while a server beside it hangs for 30 s, answers garbage, or answers 100 MB.
 *
 *     node bench/gateway/isolation.ts [--rounds 5] [--seconds 3] [--json]
 *
 * Each bad server is called four times a second by two callers: what is asked is what the gateway lets it cost the others, not
 * what 100 MB cost a machine. Ends with 1 when it is more than two quiet cells of the same run differ by.
 */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { steady } from "../fabric/measure/load.ts";
import { inTurn } from "../fabric/measure/rounds.ts";
import { quantile } from "../fabric/measure/statistics.ts";
import { untilInterrupted } from "../fabric/stack/until-interrupted.ts";
import { BAD, CELLS, textOf, verdictsOf, type Cell, type Measured } from "./isolation/report.ts";
import { Caller, LIST, toolCall } from "./measure/caller.ts";
import { BenchProcess } from "./processes/child-process.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "3" }, json: { type: "boolean", default: false } } });
const rounds = Number(values.rounds);
const ms = Number(values.seconds) * 1_000;
if (!Number.isInteger(rounds) || rounds < 1 || !(ms > 0)) throw new Error("--rounds and --seconds: numbers above 0");
const CONNECTIONS = 32;
const BAD_CALLERS = 2;
const BAD_PAUSE_MS = 500;
const LIST_PAUSE_MS = 50;
/** All four servers' tools, in order, as the list has them. */
const WHOLE = ["floods.act", "good.add_numbers", "hangs.act", "lies.act"];
const isBad = (cell: Cell): boolean => (BAD as readonly Cell[]).includes(cell);

let failed = false;
await untilInterrupted(async (closers) => {
  const start = async (...args: Parameters<typeof BenchProcess.start>): Promise<BenchProcess> => {
    const process = await BenchProcess.start(...args);
    closers.push(() => process.end());
    return process;
  };
  const hub = await start("hub.ts");
  const servers: Record<string, number> = { good: (await start("server.ts", "good")).port };
  for (const bad of BAD) servers[bad] = (await start("bad-server.ts", bad)).port;
  await hub.offer(servers, WHOLE.length);
  const measured: Measured = {
    figures: new Map(CELLS.map((cell) => [cell, []])), lists: new Map(CELLS.map((cell) => [cell, { whole: 0, other: 0, p99Ms: 0 }])), badCalls: new Map(CELLS.map((cell) => [cell, 0])),
  };
  const listTimes = new Map<Cell, number[]>(CELLS.map((cell) => [cell, []]));

  async function run(cell: Cell, forMs: number): Promise<void> {
    const good = new Caller(hub.url, CONNECTIONS);
    const lister = new Caller(hub.url, 1);
    const bad = new Caller(hub.url, BAD_CALLERS);
    const over = new AbortController();
    const pause = (pauseMs: number): Promise<unknown> => sleep(pauseMs, null, { signal: over.signal }).catch(() => null);
    const listed = measured.lists.get(cell)!;
    const lists = (async () => {
      const once = lister.of(LIST, WHOLE.at(-1)!, (body) => JSON.parse(body).result.tools.map(({ name }: { name: string }) => name).join() === WHOLE.join());
      for (; !over.signal.aborted; await pause(LIST_PAUSE_MS)) {
        const at = performance.now();
        await once().then(() => listed.whole++, () => listed.other++);
        listTimes.get(cell)!.push(performance.now() - at);
      }
    })();
    const calls = Array.from({ length: isBad(cell) ? BAD_CALLERS : 0 }, async () => {
      const once = bad.of(toolCall(`${cell}.act`), '"isError":true');
      for (; !over.signal.aborted; await pause(BAD_PAUSE_MS)) {
        const ended = await once().then(() => true, () => false);
        if (ended) measured.badCalls.set(cell, measured.badCalls.get(cell)! + 1);
      }
    });
    measured.figures.get(cell)!.push(await steady(good.of(toolCall("good.add_numbers"), "42"), CONNECTIONS, forMs));
    over.abort();
    await lists;
    await Promise.all([good.close(), lister.close(), bad.close()]);
    await Promise.all(calls);
  }

  // Compilers and connections get warm; it counts for nobody.
  for (const cell of CELLS) await run(cell, Math.min(ms, 2_000));
  for (const cell of CELLS) {
    measured.figures.set(cell, []);
    measured.lists.set(cell, { whole: 0, other: 0, p99Ms: 0 });
    measured.badCalls.set(cell, 0);
    listTimes.set(cell, []);
  }
  for (let round = 0; round < rounds; round++) {
    for (const cell of inTurn(CELLS, round)) {
      console.error(`bench: round ${round + 1}/${rounds} · ${cell}`);
      await run(cell, ms);
    }
  }
  for (const cell of CELLS) measured.lists.get(cell)!.p99Ms = quantile(listTimes.get(cell)!.toSorted((a, b) => a - b), 0.99);
  const verdicts = verdictsOf(measured);
  failed = verdicts.some(({ met }) => met === false);
  const plain = (map: Map<Cell, unknown>): object => Object.fromEntries(map);
  console.log(values.json
    ? JSON.stringify({ rounds, figures: plain(measured.figures), lists: plain(measured.lists), badCalls: plain(measured.badCalls), verdicts }, null, 2)
    : textOf(measured, rounds));
});
process.exit(failed ? 1 : 0);
