/**
 * A hundred thousand mutated requests against the gateway as a process of its own: no crash, no 5xx, no memory or descriptor kept.
 *
 *     node bench/gateway/fuzz.ts [--requests 100000] [--seed 1]
 */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { fuzz } from "../../services/hub/gateway/testing/fuzz.ts";
import { tokenOf } from "../../services/hub/gateway/testing/gateway-rig.ts";
import { untilInterrupted } from "../fabric/stack/until-interrupted.ts";
import { Caller, toolCall } from "./measure/caller.ts";
import { BenchProcess } from "./processes/child-process.ts";

const { values } = parseArgs({ options: { requests: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } } });
const requests = Number(values.requests);
if (!Number.isInteger(requests) || requests < 1) throw new Error("--requests: a whole number above 0");

let failed = false;
await untilInterrupted(async (closers) => {
  const server = await BenchProcess.start("server.ts", "toolbox");
  closers.push(() => server.end());
  const hub = await BenchProcess.start("hub.ts");
  closers.push(() => hub.end());
  await hub.offer({ toolbox: server.port }, 1);
  const authorization = `Bearer ${tokenOf({ sub: "user:fuzz", callsPerMinute: 1_000_000_000 })}`;
  const run = (count: number, seed: number) => fuzz({ port: hub.port, requests: count, seed, authorization, onProgress: (done) => console.error(`fuzz: ${done}`) });
  await run(Math.ceil(requests / 10), Number(values.seed) + 1);
  await sleep(1_000);
  const before = await hub.usage();
  const started = performance.now();
  const { statuses, faults } = await run(requests, Number(values.seed));
  const seconds = (performance.now() - started) / 1000;
  await sleep(3_000);
  const after = await hub.usage();
  const caller = new Caller(hub.url, 1);
  await caller.of(toolCall("toolbox.add_numbers"), "42")();
  await caller.close();
  console.log(`${requests} requests in ${seconds.toFixed(0)} s: ${Object.entries(statuses).map(([status, count]) => `${status} ${count}`).join(", ")}`);
  console.log(`hub: ${before.rssMiB.toFixed(1)} → ${after.rssMiB.toFixed(1)} MiB, ${before.descriptors} → ${after.descriptors} descriptors; a good call afterwards is answered`);
  for (const { status, request, answer } of faults) console.log(`FAULT ${status}\n${request}\n${answer}\n`);
  failed = faults.length > 0;
});
process.exit(failed ? 1 : 0);
