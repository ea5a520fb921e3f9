/**
 * What an idle stack costs: CPU of its containers and of the engine's own processes, and memory as the sum of PSS.
 *
 *     node bench/idle.ts [--stack dev] [--seconds 300] [--json]
 *
 * CPU of a container is the sum over its processes (utime + stime of /proc/<pid>/stat, children that ended included),
 * so that the figure is the same under cgroup v1 and v2. Needs root, for smaps_rollup.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: {
  stack: { type: "string", default: "dev" },
  seconds: { type: "string", default: "300" },
  json: { type: "boolean", default: false },
} });

const CLOCK_TICKS_PER_SECOND = 100;
const ENGINE = /^(dockerd|containerd|containerd-shim.*|docker-proxy|runc)$/;

interface Process { pid: number; parent: number; name: string; cpuMs: number }

function processes(): Process[] {
  const found: Process[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const end = stat.lastIndexOf(")");
      const fields = stat.slice(end + 2).split(" ");
      const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
      found.push({ pid: Number(entry), parent: Number(fields[1]), name: readFileSync(`/proc/${entry}/comm`, "utf8").trim(), cpuMs: ticks * 1000 / CLOCK_TICKS_PER_SECOND });
    } catch { /* ended meanwhile */ }
  }
  return found;
}

/** Control group CPU of a container in ms, exact even for processes that came and went; null where it can't be read. */
function cgroupCpuMs(id: string): number | null {
  const candidates: [string, (text: string) => number][] = [
    [`/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`, (t) => Number(t) / 1e6],
    [`/sys/fs/cgroup/cpu,cpuacct/docker/${id}/cpuacct.usage`, (t) => Number(t) / 1e6],
    [`/sys/fs/cgroup/docker/${id}/cpu.stat`, (t) => Number(/usage_usec (\d+)/.exec(t)?.[1]) / 1e3],
    [`/sys/fs/cgroup/system.slice/docker-${id}.scope/cpu.stat`, (t) => Number(/usage_usec (\d+)/.exec(t)?.[1]) / 1e3],
  ];
  for (const [path, parse] of candidates) {
    try { return parse(readFileSync(path, "utf8")); } catch { /* the other layout */ }
  }
  return null;
}

function pssKiB(pids: number[]): number {
  let sum = 0;
  for (const pid of pids) {
    try { sum += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0); } catch { /* ended */ }
  }
  return sum;
}

function descendants(root: number, all: Process[]): number[] {
  const children = all.filter((p) => p.parent === root).map((p) => p.pid);
  return [root, ...children.flatMap((pid) => descendants(pid, all))];
}

interface Container { name: string; id: string; pid: number }
const ids = execFileSync("docker", ["ps", "-q", "--no-trunc", "--filter", `label=mcp.stack=${values.stack}`], { encoding: "utf8" }).split("\n").filter(Boolean);
if (!ids.length) throw new Error(`no container of stack ${values.stack} runs: ./mcp up --stack ${values.stack}`);
const containers: Container[] = (JSON.parse(execFileSync("docker", ["inspect", ...ids], { encoding: "utf8" })) as { Name: string; Id: string; State: { Pid: number } }[])
  .map((c) => ({ name: c.Name.slice(1), id: c.Id, pid: c.State.Pid }));

const sample = () => {
  const engine = processes().filter((p) => ENGINE.test(p.name)).reduce((sum, p) => sum + p.cpuMs, 0);
  return { at: performance.now(), engine, containers: containers.map((c) => cgroupCpuMs(c.id) ?? NaN) };
};

const first = sample();
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
const last = sample();
const elapsedMs = last.at - first.at;
const all = processes();
const percent = (ms: number) => Math.round(ms / elapsedMs * 10_000) / 100;

const rows = containers.map((c, i) => ({ name: c.name, cpuPercent: percent(last.containers[i]! - first.containers[i]!), pssMiB: Math.round(pssKiB(descendants(c.pid, all)) / 102.4) / 10 }))
  .sort((a, b) => b.cpuPercent - a.cpuPercent);
const enginePids = all.filter((p) => ENGINE.test(p.name)).map((p) => p.pid);
const report = {
  seconds: Math.round(elapsedMs / 1000),
  containers: rows,
  engine: { cpuPercent: percent(last.engine - first.engine), pssMiB: Math.round(pssKiB(enginePids) / 1024) },
  totalCpuPercent: Math.round((rows.reduce((s, r) => s + r.cpuPercent, 0) + percent(last.engine - first.engine)) * 100) / 100,
  containersPssMiB: Math.round(rows.reduce((s, r) => s + r.pssMiB, 0)),
};

if (values.json) console.log(JSON.stringify(report, null, 2));
else {
  for (const r of rows) console.log(`${r.name.padEnd(32)} ${r.cpuPercent.toFixed(2).padStart(6)} %  ${r.pssMiB.toFixed(1).padStart(7)} MiB`);
  console.log(`${"dockerd, containerd, shims".padEnd(32)} ${report.engine.cpuPercent.toFixed(2).padStart(6)} %  ${String(report.engine.pssMiB).padStart(7)} MiB`);
  console.log(`total over ${report.seconds} s: ${report.totalCpuPercent} % of one core; containers ${report.containersPssMiB} MiB PSS`);
}
