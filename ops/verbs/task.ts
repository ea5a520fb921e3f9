import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FINAL_STATES, PRIORITIES, TASK_STATES, type ReplayAnswer, type Task, type TaskPage, type TaskReceipt } from "../../contract/tasks.ts";
import { table } from "../cli/table.ts";
import type { Context, Verb } from "../cli/verb.ts";
import { allOutputs } from "../stack/outputs.ts";
import { openStack } from "../stack/stack.ts";
import { callEdge, edgeOf, type Edge } from "../system/edge.ts";
import { misused } from "../system/failure.ts";
import { readReplay, replayMany, type Replay } from "./task-replay.ts";

const WAIT_POLL_MS = 500;

export const task: Verb = {
  name: "task",
  synopsis: "submit <type> <action> [input] | get <id> | list | cancel <id> | replay <id> | replay --type TYPE …",
  summary: "Submit, follow, cancel and replay tasks through the edge",
  details: `
input is a JSON object, "@file" to read it from a file, or "-" for standard input:
  ./mcp task submit code-indexer echo '{"payload": 1}' --wait
replay takes one id, or what chooses among dead and failed tasks (--type, --error, --state, --since), or --all:
  ./mcp task replay --type builder --error unavailable`,
  onStack: true,
  reports: true,
  positionals: { min: 1, max: 4 },
  options: {
    wait: { type: "boolean", help: "submit: wait until the task has ended, and print it" },
    priority: { type: "string", value: PRIORITIES.join("|"), help: "submit: low, normal (default) or high" },
    key: { type: "string", value: "KEY", help: "submit: idempotency key; the same key gives the same task" },
    deadline: { type: "string", value: "TIME", help: "submit: RFC 3339; a task not done by then fails" },
    state: { type: "string", value: "STATE", help: "list: only tasks in this state; replay: dead or failed (default: both)" },
    type: { type: "string", value: "TYPE", help: "list, replay: only tasks of this agent type" },
    limit: { type: "string", value: "N", help: "list: at most N (default: 50); replay: at most N (default: all that are chosen)" },
    error: { type: "string", value: "CODE", help: "replay: only tasks whose last error has this code, as in unavailable" },
    since: { type: "string", value: "TIME", help: "replay: only tasks given up at this RFC 3339 time or later" },
    all: { type: "boolean", help: "replay: every dead and failed task" },
    "dry-run": { type: "boolean", help: "replay: only count them" },
  },
  async run(context) {
    const [command, ...rest] = context.args.positionals;
    const run = COMMANDS[command!];
    if (!run) throw misused(`task: unknown "${command}"; it is one of ${Object.keys(COMMANDS).join(", ")}.`);
    const request = run.read(rest, context);
    const edge = edgeOf(await allOutputs(await openStack(context)));
    return run.call(edge, request, context);
  },
};

interface Command<R> {
  /** Reads and checks the words before anything else is done. */
  read(words: readonly string[], context: Context): R;
  call(edge: Edge, request: R, context: Context): Promise<number>;
}

const idOf = (what: string) => (words: readonly string[]): string => {
  if (words.length !== 1) throw misused(`task ${what}: give the id of one task, as in "./mcp task ${what} <id>".`);
  return words[0]!;
};

const cancel: Command<string> = {
  read: idOf("cancel"),
  async call(edge, id, context) {
    show(context, await callEdge(edge, "POST", `/tasks/${encodeURIComponent(id)}/cancel`) as TaskReceipt);
    return 0;
  },
};

const replay: Command<Replay> = {
  read: (words, { args: { flags } }) => readReplay(words, flags),
  async call(edge, request, context) {
    if ("id" in request) {
      show(context, await callEdge(edge, "POST", `/tasks/${encodeURIComponent(request.id)}/replay`) as TaskReceipt);
      return 0;
    }
    const answer = await replayMany((body) => callEdge(edge, "POST", "/tasks:replay", body) as Promise<ReplayAnswer>, request.filter);
    console.log(context.json ? JSON.stringify(answer) : request.filter.dryRun ? `${answer.matched} tasks would be replayed` : `${answer.replayed} of ${answer.matched} tasks replayed`);
    return 0;
  },
};

const submit: Command<Record<string, unknown>> = {
  read([type, action, input, ...more], { args: { flags } }) {
    if (type === undefined || action === undefined || more.length > 0) throw misused('task submit: it is called as "./mcp task submit <type> <action> [input]".');
    if (flags.priority !== undefined && !PRIORITIES.includes(flags.priority as never)) throw misused(`task submit: --priority is one of ${PRIORITIES.join(", ")}.`);
    return {
      type, action, input: readInput(input),
      ...(flags.priority ? { priority: flags.priority } : {}),
      ...(flags.key ? { idempotencyKey: flags.key } : {}),
      ...(flags.deadline ? { deadline: flags.deadline } : {}),
    };
  },
  async call(edge, request, context) {
    const made = await callEdge(edge, "POST", "/tasks", request) as TaskReceipt;
    if (!context.args.flags.wait) {
      show(context, made);
      return 0;
    }
    for (;;) {
      const found = await callEdge(edge, "GET", `/tasks/${made.id}`) as Task;
      if (FINAL_STATES.includes(found.state)) {
        context.ui.progress("");
        console.log(JSON.stringify(found, null, 2));
        return found.state === "succeeded" ? 0 : 1;
      }
      context.ui.progress(`task ${made.id} is ${found.state}${found.progress === null ? "" : `, ${Math.round(found.progress * 100)} %`}`);
      await sleep(WAIT_POLL_MS);
    }
  },
};

const get: Command<string> = {
  read: idOf("get"),
  async call(edge, id) {
    console.log(JSON.stringify(await callEdge(edge, "GET", `/tasks/${encodeURIComponent(id)}`), null, 2));
    return 0;
  },
};

const list: Command<URLSearchParams> = {
  read(words, { args: { flags } }) {
    if (words.length > 0) throw misused(`task list: unexpected argument "${words[0]}".`);
    if (flags.state !== undefined && !TASK_STATES.includes(flags.state as never)) throw misused(`task list: --state is one of ${TASK_STATES.join(", ")}.`);
    return new URLSearchParams(["state", "type", "limit"].flatMap((name): [string, string][] => (flags[name] === undefined ? [] : [[name, String(flags[name])]])));
  },
  async call(edge, query, context) {
    const page = await callEdge(edge, "GET", `/tasks${query.size > 0 ? `?${query}` : ""}`) as TaskPage;
    if (context.json) console.log(JSON.stringify(page, null, 2));
    else {
      console.log(table(["ID", "TYPE", "ACTION", "STATE", "ATTEMPTS", "CREATED"],
        page.tasks.map((found) => [found.id, found.type, found.action, found.state, `${found.attempt}/${found.maxAttempts}`, found.createdAt])));
      if (page.nextCursor) context.ui.say("There are more; --json gives the cursor of the next page.");
    }
    return 0;
  },
};

const COMMANDS: Record<string, Command<any>> = { submit, get, list, cancel, replay };

function show({ json }: Context, { id, state }: TaskReceipt): void {
  console.log(json ? JSON.stringify({ id, state }) : `${id}  ${state}`);
}

/** @throws {Failure} with exit code 2 for what is no JSON object */
export function readInput(word: string | undefined): Record<string, unknown> {
  if (word === undefined) return {};
  let text = word;
  try {
    if (word === "-") text = readFileSync(0, "utf8");
    else if (word.startsWith("@")) text = readFileSync(word.slice(1), "utf8");
  } catch (error) {
    throw misused(`task submit: the input cannot be read: ${(error as Error).message}`);
  }
  let value: unknown;
  try { value = JSON.parse(text); } catch (error) { throw misused(`task submit: the input is no JSON: ${(error as Error).message}`); }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw misused('task submit: the input must be a JSON object, as in \'{"payload": 1}\'.');
  return value as Record<string, unknown>;
}
