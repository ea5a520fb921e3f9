import { TASK_STATES } from "../../../../contract/tasks.ts";
import type { FailureStats, TypeStats } from "../fabric/fabric-reader.ts";
import { markdownTable } from "./markdown-table.ts";

export interface FleetReport {
  /** RFC 3339. */
  from: string;
  to: string;
  tasks: number;
  types: TypeStats[];
  failures: FailureStats[];
  agents: { agent: string; status: string; currentTask: string | null; version: string; startedAt: string }[];
}

export function fleetMarkdown({ from, to, tasks, types, failures, agents }: FleetReport): string {
  const section = (title: string, header: string[], rows: (string | number)[][], none: string): string =>
    `## ${title}\n\n${rows.length === 0 ? none : markdownTable(header, rows)}`;
  return [
    `# Fleet from ${from} to ${to}`,
    `${tasks} tasks were submitted, ${agents.length} agents are registered now.`,
    section("Tasks", ["type", ...TASK_STATES, "run p50", "run p95", "wait p50", "wait p95", "retries"],
      types.map((type) => [type.type, ...TASK_STATES.map((state) => type.states[state] ?? 0),
        duration(type.runP50Ms), duration(type.runP95Ms), duration(type.waitP50Ms), duration(type.waitP95Ms), type.retries]), "No task was submitted."),
    section("Failures", ["type", "code", "tasks"], failures.map(({ type, code, tasks: n }) => [type, code, n]), "None."),
    section("Agents", ["agent", "status", "current task", "version", "since"],
      agents.map(({ agent, status, currentTask, version, startedAt }) => [agent, status, currentTask ?? "", version, startedAt]), "None is registered."),
  ].join("\n\n") + "\n";
}

/** For reading: milliseconds below a second, seconds with one digit below two minutes, minutes above. */
export function duration(ms: number | null): string {
  if (ms === null) return "";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
