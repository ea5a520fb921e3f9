/**
 * No-op tasks a second through the hub, from the POST until its `succeeded` is heard, at 1, 8 and 64 in flight, and a
 * burst: `node test/live/hub/throughput.ts [seconds a round]`. Stores, hub, agent and client share this machine.
 */
import { readFileSync } from "node:fs";
import { request, Agent } from "undici";
import { succeed } from "./fake-agent.ts";
import { AGENT_TYPE, HubRig } from "./rig.ts";

const seconds = Number(process.argv[2] ?? 10);
const rig = new HubRig();
const { hub } = rig;
const quantile = (sorted: number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

/** CPU time of the hub so far, milliseconds: what remains comparable when others use the machine too. */
function hubCpuMs(): number {
  const [user, system] = readFileSync(`/proc/${hub.pid}/stat`, "utf8").split(") ")[1]!.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

try {
  await rig.setUp();
  await rig.agent({ type: AGENT_TYPE, concurrency: 64, work: succeed });
  const dispatcher = new Agent({ connections: 64 });
  const headers = { authorization: `Bearer ${hub.token("user:bench", "admin")}`, "content-type": "application/json" };
  const waiting = new Map<string, () => void>();
  /** Heard before the answer to the POST was read. */
  const early = new Set<string>();
  void listen();

  const submit = async (): Promise<void> => {
    const response = await request(`${hub.url}/api/v1/tasks`, { method: "POST", dispatcher, headers, body: JSON.stringify({ type: AGENT_TYPE, action: "echo" }) });
    const { id } = (await response.body.json()) as { id: string };
    if (!early.delete(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
  };
  const round = async (inFlight: number, lastMs: number): Promise<{ rate: number; latencies: number[] }> => {
    const latencies: number[] = [];
    const started = performance.now();
    await Promise.all(Array.from({ length: inFlight }, async () => {
      while (performance.now() - started < lastMs) {
        const at = performance.now();
        await submit();
        latencies.push(performance.now() - at);
      }
    }));
    return { rate: latencies.length / ((performance.now() - started) / 1000), latencies: latencies.sort((a, b) => a - b) };
  };
  await round(16, 3_000);
  for (const inFlight of [1, 8, 64]) {
    const cpuBefore = hubCpuMs();
    const { rate, latencies } = await round(inFlight, seconds * 1_000);
    console.log(`${inFlight} in flight: ${rate.toFixed(0)} tasks/s, p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms; `
      + `hub CPU ${((hubCpuMs() - cpuBefore) / latencies.length).toFixed(2)} ms a task`);
  }
  const cpuBefore = hubCpuMs();
  const started = performance.now();
  await Promise.all(Array.from({ length: 5_000 }, submit));
  console.log(`burst of 5000: ${(5_000 / ((performance.now() - started) / 1000)).toFixed(0)} tasks/s; hub CPU ${((hubCpuMs() - cpuBefore) / 5_000).toFixed(2)} ms a task`);

  async function listen(): Promise<void> {
    const { body } = await request(`${hub.url}/api/v1/events`, { headers, bodyTimeout: 0 });
    let rest = "";
    for await (const chunk of body.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const id = line.startsWith("data: ") && line.includes('"state":"succeeded"') ? /"subject":"([^"]+)"/.exec(line)?.[1] : undefined;
        if (id === undefined) continue;
        const resolve = waiting.get(id);
        if (!waiting.delete(id)) early.add(id);
        resolve?.();
      }
    }
  }
} finally {
  await rig.tearDown();
}
process.exit(0);
