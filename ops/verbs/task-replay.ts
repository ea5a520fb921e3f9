/** `./mcp task replay`: one task, those that a filter chooses, or all. */
import type { z } from "zod";
import type { ReplayAnswer, ReplayRequest } from "../../contract/tasks.ts";
import type { Arguments } from "../cli/verb.ts";
import { misused } from "../system/failure.ts";

type Filter = z.input<typeof ReplayRequest>;
export type Replay = { id: string } | { filter: Filter };

/** Tasks of one call: it is answered well within the time that a call may take. */
const PAGE = 1_000;

/** @throws {Failure} with exit code 2 unless the words say which tasks are meant */
export function readReplay(words: readonly string[], flags: Arguments["flags"]): Replay {
  const chosen = ["type", "error", "state", "since"].filter((name) => flags[name] !== undefined);
  if (words.length === 1 && chosen.length === 0 && !flags.all) return { id: words[0]! };
  if (words.length > 0) throw misused("task replay: give the id of one task, or what chooses among them, not both.");
  if (chosen.length === 0 && !flags.all) throw misused("task replay: give the id of one task, or --type, --error, --state or --since, or --all.");
  if (chosen.length > 0 && flags.all) throw misused(`task replay: --all is every dead and failed task; leave it out, or --${chosen.join(" and --")}.`);
  const { type, error, state, since, limit } = flags as Record<string, string | undefined>;
  if (state !== undefined && state !== "dead" && state !== "failed") throw misused("task replay: --state is dead or failed.");
  if (limit !== undefined && !/^[1-9]\d{0,6}$/.test(limit)) throw misused("task replay: --limit is a number from 1.");
  return {
    filter: {
      ...(type ? { type } : {}), ...(error ? { errorCode: error } : {}), ...(state ? { state } : {}), ...(since ? { finishedAfter: since } : {}),
      ...(limit ? { limit: Number(limit) } : {}), ...(flags["dry-run"] ? { dryRun: true } : {}),
    },
  };
}

/** Call by call, until the limit is reached or none is left; what fails anew meanwhile is not met again. */
export async function replayMany(call: (body: Filter) => Promise<ReplayAnswer>, { limit = Infinity, ...filter }: Filter): Promise<ReplayAnswer> {
  const first = await call({ ...filter, limit: Math.min(PAGE, limit) });
  let replayed = first.replayed;
  for (let last = first; last.replayed > 0 && last.replayed < last.matched && replayed < limit; replayed += last.replayed) {
    last = await call({ ...filter, limit: Math.min(PAGE, limit - replayed), finishedBefore: first.finishedBefore });
  }
  return { ...first, replayed };
}
