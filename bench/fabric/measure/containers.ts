/** What containers cost: CPU by their control group, memory as the sum of PSS. Needs root, for smaps_rollup. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Container {
  name: string;
  id: string;
}

const inspect = (field: string, name: string): string => execFileSync("docker", ["inspect", "--format", `{{.${field}}}`, name], { encoding: "utf8" }).trim();

/** @param names of the services; @param containerOf their containers' names */
export const containersOf = (names: readonly string[], containerOf: (name: string) => string): Container[] =>
  names.map((name) => ({ name, id: inspect("Id", containerOf(name)) }));

function firstReadable(paths: readonly (readonly [path: string, read: (text: string) => number])[]): number {
  for (const [path, read] of paths) {
    try {
      return read(readFileSync(path, "utf8"));
    } catch { /* the other layout */ }
  }
  return NaN;
}

/** CPU time so far in ms, exact also for processes that have ended; NaN where the control group cannot be read. */
export const cpuMs = ({ id }: Container): number => firstReadable([
  [`/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`, (text) => Number(text) / 1e6],
  [`/sys/fs/cgroup/cpu,cpuacct/docker/${id}/cpuacct.usage`, (text) => Number(text) / 1e6],
  [`/sys/fs/cgroup/docker/${id}/cpu.stat`, (text) => Number(/usage_usec (\d+)/.exec(text)?.[1]) / 1e3],
  [`/sys/fs/cgroup/system.slice/docker-${id}.scope/cpu.stat`, (text) => Number(/usage_usec (\d+)/.exec(text)?.[1]) / 1e3],
]);

/** Memory of all its processes in MiB; pages that processes share count once. */
export function pssMiB({ id }: Container): number {
  const pids = execFileSync("docker", ["top", id, "-eo", "pid"], { encoding: "utf8" }).split("\n").slice(1).map(Number).filter(Boolean);
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      return sum; // ended meanwhile
    }
  }, 0);
}
