/**
 * The gateway beside a direct call, by turns in one run: tools/call at 1, 32 and 128 connections, tools/list of many servers, CPU of
 * the hub a call, and with `--long` its memory and descriptors over many calls, some of whose clients vanish (`--rounds 0`: only that and the lists).
 *
 *     node bench/gateway/main.ts [--rounds 5] [--seconds 3] [--long 200000] [--nginx PATH] [--contextforge] [--port 43900] [--json]
 *
 * Server, hub and load are processes of this machine, and nginx too where its binary is given: it runs with the deployment's own
 * configuration on `--port`. With `--contextforge` that gateway stands in front of the same server too, installed from PyPI on
 * demand. Everybody shares this machine: trust the ratios, not the figures.
 */
import { parseArgs } from "node:util";
import { tokenOf } from "../../services/hub/gateway/testing/gateway-rig.ts";
import { steady } from "../fabric/measure/load.ts";
import { inTurn } from "../fabric/measure/rounds.ts";
import type { Figure } from "../fabric/measure/statistics.ts";
import { untilInterrupted } from "../fabric/stack/until-interrupted.ts";
import { startEdge } from "./edge.ts";
import { Caller, LIST, toolCall } from "./measure/caller.ts";
import { soak } from "./measure/soak.ts";
import { startContextForge } from "./peers/contextforge.ts";
import { BenchProcess } from "./processes/child-process.ts";
import { aimsOf, CONNECTIONS, CONTEXTFORGE, DIRECT, EDGE, HUB, textOf, type Measured } from "./report.ts";

const { values } = parseArgs({ options: {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "3" },
  long: { type: "string", default: "0" },
  nginx: { type: "string" },
  contextforge: { type: "boolean", default: false },
  port: { type: "string", default: "43900" },
  json: { type: "boolean", default: false },
} });
const rounds = Number(values.rounds);
const ms = Number(values.seconds) * 1_000;
if (!Number.isInteger(rounds) || rounds < 0 || !(ms > 0)) throw new Error("--rounds and --seconds: numbers, seconds above 0");
const SERVERS = [[1, 20], [10, 20], [50, 20], [200, 5]] as const;

const say = (what: string): void => console.error(`bench: ${what}`);

interface Way { name: string; url: string; tool: string; peer?: { token: string } }

async function measure({ name, url, tool, peer }: Way, connections: number, forMs: number): Promise<Figure> {
  const caller = new Caller(url, connections, { limited: name !== DIRECT, peer });
  try {
    return await steady(caller.of(toolCall(tool), "42"), connections, forMs);
  } finally {
    await caller.close();
  }
}

await untilInterrupted(async (closers) => {
  const start = async (...args: Parameters<typeof BenchProcess.start>): Promise<BenchProcess> => {
    const process = await BenchProcess.start(...args);
    closers.push(() => process.end());
    return process;
  };
  const [server, hub] = [await start("server.ts", "bench"), await start("hub.ts")];
  await hub.offer({ bench: server.port }, 1);
  const ways: Way[] = [{ name: DIRECT, url: server.url, tool: "add_numbers" }, { name: HUB, url: hub.url, tool: "bench.add_numbers" }];
  const measured: Measured = { rounds, results: new Map(), lists: {}, hubCpuMs: {}, long: [], absent: [] };
  if (values.nginx === undefined) measured.absent.push(`${EDGE}: no --nginx was given`);
  else {
    const edge = await startEdge(values.nginx, Number(values.port), hub.port);
    closers.push(() => edge.end());
    ways.push({ name: EDGE, url: edge.url, tool: "bench.add_numbers" });
  }

  if (!values.contextforge) measured.absent.push(`${CONTEXTFORGE}: no --contextforge was given, which installs it from PyPI into a cache folder`);
  else {
    say(`starting ${CONTEXTFORGE}`);
    await startContextForge(Number(values.port) + 1, { url: server.url, token: tokenOf() }).then(({ url, token, tool, end }) => {
      closers.push(end);
      ways.push({ name: CONTEXTFORGE, url, tool, peer: { token } });
    }, (error: Error) => measured.absent.push(`${CONTEXTFORGE}: ${error.message}`));
  }

  // Compilers and connections get warm; it counts for nobody.
  for (const way of ways) for (const connections of CONNECTIONS) await measure(way, connections, Math.min(ms, 2_000));
  for (const { name } of ways) measured.results.set(name, new Map(CONNECTIONS.map((connections) => [connections, []])));
  const cpu = new Map<number, { ms: number; calls: number }>();
  for (let round = 0; round < rounds; round++) {
    for (const connections of CONNECTIONS) {
      for (const way of inTurn(ways, round)) {
        const { name } = way;
        say(`round ${round + 1}/${rounds} · ${connections} connections · ${name}`);
        const before = await hub.usage();
        const figure = await measure(way, connections, ms);
        measured.results.get(name)!.get(connections)!.push(figure);
        if (name !== HUB) continue;
        const sum = cpu.get(connections) ?? { ms: 0, calls: 0 };
        cpu.set(connections, { ms: sum.ms + (await hub.usage()).cpuMs - before.cpuMs, calls: sum.calls + figure.tasks });
      }
    }
  }
  measured.hubCpuMs = Object.fromEntries([...cpu].map(([connections, sum]) => [connections, sum.ms / sum.calls]));

  for (const [servers, tools] of SERVERS) {
    say(`tools/list · ${servers} servers of ${tools} tools`);
    // One process under many names: what is measured is the hub.
    const many = await start("server.ts", "*", String(tools));
    await hub.offer(Object.fromEntries(Array.from({ length: servers }, (_, index) => [`many-${index}`, many.port])), servers * tools);
    const caller = new Caller(hub.url, 1);
    await steady(caller.of(LIST, "add_numbers"), 1, 500);
    measured.lists[`${servers} × ${tools}`] = await steady(caller.of(LIST, "add_numbers"), 1, ms);
    await caller.close();
    await many.end();
  }

  const long = Number(values.long);
  if (long > 0) {
    const hanging = await start("bad-server.ts", "hangs");
    await hub.offer({ bench: server.port, hangs: hanging.port }, 2);
    measured.long = await soak(hub, long, { answers: "bench.add_numbers", hangs: "hangs.act" }, ({ calls, vanished, rssMiB, heapMiB, externalMiB, descriptors }) =>
      say(`long run: ${calls} calls, ${vanished} vanished, ${rssMiB.toFixed(1)} MiB, heap ${heapMiB.toFixed(1)} MiB, external ${externalMiB.toFixed(1)} MiB, ${descriptors} descriptors`));
  }
  console.log(values.json ? JSON.stringify({ ...measured, results: Object.fromEntries([...measured.results].map(([way, cells]) => [way, Object.fromEntries(cells)])), aims: aimsOf(measured) }, null, 2) : textOf(measured));
});
process.exit(0);
