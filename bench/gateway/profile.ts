/**
 * Where the hub's time goes while calls go through it.
 *
 *     node bench/gateway/profile.ts [--seconds 10] [--folder DIR]
 *
 * Prints, at one and at 32 connections, the functions that V8 found at work in the hub; the profiles stay in the folder, for
 * Chrome's or another viewer. Profiling costs: `main.ts` has the figures.
 */
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { functionTable, functionTimes, type CpuProfile } from "../fabric/measure/cpu-profile.ts";
import { steady } from "../fabric/measure/load.ts";
import { untilInterrupted } from "../fabric/stack/until-interrupted.ts";
import { Caller, toolCall } from "./measure/caller.ts";
import { BenchProcess } from "./processes/child-process.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "10" }, folder: { type: "string" } } });
const CONNECTIONS = [1, 32];
const WARM_MS = 3_000;

await untilInterrupted(async (closers) => {
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), "bench-gateway-profile-"));
  mkdirSync(folder, { recursive: true });
  const server = await BenchProcess.start("server.ts", "bench");
  closers.push(() => server.end());
  const hub = await BenchProcess.start("hub.ts", "--profile");
  closers.push(() => hub.end());
  await hub.offer({ bench: server.port }, 1);
  for (const connections of CONNECTIONS) {
    const caller = new Caller(hub.url, connections);
    const once = caller.of(toolCall("bench.add_numbers"), "42");
    await steady(once, connections, WARM_MS);
    const file = join(folder, `hub-${connections}.cpuprofile`);
    const { tasks } = await hub.profiled(file, () => steady(once, connections, Number(values.seconds) * 1_000));
    await caller.close();
    console.log(`\n${tasks} calls at ${connections} connections; the profile is ${file}`);
    console.log(functionTable(functionTimes(JSON.parse(readFileSync(file, "utf8")) as CpuProfile)));
  }
});
process.exit(0);
