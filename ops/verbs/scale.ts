import type { QueueStatus, QueuesAnswer } from "../../contract/tasks.ts";
import { table } from "../cli/table.ts";
import type { Context, Verb } from "../cli/verb.ts";
import { drainAgents, surplusAgents } from "../stack/drain.ts";
import type { Value } from "../stack/merge.ts";
import { allOutputs, type AllOutputs } from "../stack/outputs.ts";
import { planOf } from "../stack/plan.ts";
import { openStack, type Stack } from "../stack/stack.ts";
import { up } from "../stack/up.ts";
import { assertStack, syncWorkingCopy, writeWorkingCopy } from "../stack/working-copy.ts";
import { callEdge, edgeOf } from "../system/edge.ts";
import { Failure, misused } from "../system/failure.ts";

const KEY = "mcp:replicas";
const DRAIN_SECONDS = 300;

export const scale: Verb = {
  name: "scale",
  synopsis: "[<name>=<number>…]",
  summary: "Set how many instances of servers or agents run, and deploy; without arguments: what waits, and what that calls for",
  details: `
As in "./mcp scale code-indexer=3 toolbox=2". The numbers are kept in the working copy of the stack file; write them
into Pulumi.<stack>.yaml to make them everybody's. Agents that are to be removed take no more tasks and finish what
they hold first, for as long as --drain-timeout says.`,
  onStack: true,
  reports: true,
  positionals: { min: 0, max: 64 },
  options: {
    "drain-timeout": { type: "string", value: "SECONDS", help: `how long agents may finish what they hold (default: ${DRAIN_SECONDS})` },
  },
  async run(context) {
    const { args, paths, stack } = context;
    assertStack(paths, stack);
    if (args.positionals.length === 0) return report(context);
    const wanted = Object.fromEntries(args.positionals.map(parseScale));
    const drainMs = 1000 * parseSeconds(String(args.flags["drain-timeout"] ?? DRAIN_SECONDS));
    const file = syncWorkingCopy(paths, stack);
    const config = (file.config ?? {}) as Record<string, Value>;
    const scaled = { ...config, [KEY]: { ...replicas(config[KEY]), ...wanted } };
    // Refused before it is written.
    planOf(paths, stack, scaled);
    writeWorkingCopy(paths, stack, { ...file, config: scaled });
    let drained: string[] = [];
    try {
      return await up(context, { beforeDeploy: async (opened) => { drained = await drainSurplus(opened, wanted, drainMs); } });
    } catch (error) {
      // Refused before anything was changed: then this is not changed either, but for what Pulumi wrote there meanwhile.
      if (error instanceof Failure && error.exitCode !== 1) {
        writeWorkingCopy(paths, stack, { ...syncWorkingCopy(paths, stack), config });
      }
      if (drained.length > 0) context.ui.warn(`These take no tasks until "./mcp up" removes them or "./mcp restart <container>" starts them again: ${drained.join(", ")}.`);
      throw error;
    }
  },
};

/** @returns containers of those that were told */
async function drainSurplus(stack: Stack, wanted: Record<string, number>, timeoutMs: number): Promise<string[]> {
  let outputs: AllOutputs;
  try {
    outputs = await allOutputs(stack);
  } catch (error) {
    // Not deployed yet: there is nobody to remove.
    if (error instanceof Failure && error.exitCode === 3) return [];
    throw error;
  }
  const surplus = surplusAgents(outputs.agents, wanted);
  if (surplus.length === 0) return [];
  const told = await drainAgents(edgeOf(outputs), surplus.map(({ id }) => id), stack.ui, timeoutMs);
  return surplus.flatMap(({ id, container }) => (told.includes(id) ? [container] : []));
}

async function report(context: Context): Promise<number> {
  const edge = edgeOf(await allOutputs(await openStack(context)));
  const answer = await callEdge(edge, "GET", "/queues") as QueuesAnswer;
  console.log(context.json ? JSON.stringify(answer, null, 2) : queueTable(answer.queues));
  return 0;
}

/** What waits and what that calls for. Pure. */
export function queueTable(queues: readonly QueueStatus[]): string {
  return table(["TYPE", "INSTANCES", "PLACES", "PENDING", "ACTIVE", "DEAD", "WAIT", "STARTED/S", "SUGGESTION"], queues.map((queue) => [
    queue.type, String(queue.instances), String(queue.capacity), String(queue.pending), String(queue.active), String(queue.dead),
    `${Math.round(queue.oldestPendingSeconds)} s`, queue.startedPerSecond.toFixed(1), suggestionOf(queue),
  ]));
}

function suggestionOf({ type, instances, suggestion: { replicas: suggested, reason } }: QueueStatus): string {
  return suggested === instances ? `as it is: ${reason}` : `${type}=${suggested}: ${reason}`;
}

/** `code-indexer=3` → ["code-indexer", 3]. @throws {Failure} with exit code 2 */
export function parseScale(word: string): [string, number] {
  const match = /^([a-z][a-z0-9-]*)=(\d+)$/.exec(word);
  if (!match) throw misused(`scale: "${word}" is not of the form name=number, as in "code-indexer=3".`);
  return [match[1]!, Number(match[2])];
}

/** @throws {Failure} with exit code 2 */
export function parseSeconds(word: string): number {
  if (!/^\d{1,6}$/.test(word)) throw misused(`scale: --drain-timeout is a number of seconds, as in "--drain-timeout ${DRAIN_SECONDS}"; found "${word}".`);
  return Number(word);
}

/** Pulumi keeps an object that was set as text as text. */
function replicas(value: Value | undefined): Record<string, Value> {
  const parsed = typeof value === "string" ? JSON.parse(value) as Value : value;
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : {};
}
