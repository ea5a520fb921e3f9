import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { changesBetween, readCursor, writeCursor, type Snapshot } from "../registry.ts";
import { ServiceView, viewOf } from "../service-view.ts";

export const watchChanges = defineTool<Deps>()({
  name: "watch_changes",
  title: "Watch the registry",
  description: "Tells which services appeared, vanished or changed since a cursor, waiting up to 30 seconds for a first change when asked to. Without a cursor it answers one that stands for now.",
  input: z.strictObject({
    cursor: z.string().max(100).optional().describe("From an earlier answer, or from find_services. Valid for as long as etcd keeps its history, at least some minutes."),
    waitSeconds: z.int().min(0).max(30).default(0).describe("How long to wait when nothing has changed yet."),
  }),
  output: z.object({
    changes: z.array(z.object({
      change: z.enum(["appeared", "changed", "vanished"]).describe("Net effect: what came and went in between is not told."),
      service: ServiceView.describe("The service as it is now, or was before it vanished."),
      statusBefore: z.string().nullable().describe("Its status at the cursor; null when it was not there."),
      restarted: z.boolean().describe("Its process is another than at the cursor."),
    })).describe("Changes in order of key; empty when there are none."),
    cursor: z.string().describe("Give it to the next call."),
    historyLost: z.boolean().describe("etcd no longer knows the cursor's state: everything registered is listed as appeared."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ cursor, waitSeconds }, { deps, signal }) {
    const { registry } = deps;
    const given = cursor === undefined ? null : readCursor(cursor);
    let now = await registry.now();
    const before: Snapshot | null = given === null ? now : await registry.at(given);
    let changes = changesBetween(before?.entries ?? [], now.entries);
    const until = Date.now() + waitSeconds * 1_000;
    while (changes.length === 0 && Date.now() < until && !signal.aborted) {
      await registry.changeAfter(now.revision, until - Date.now(), signal);
      now = await registry.now();
      changes = changesBetween(before?.entries ?? [], now.entries);
    }
    return {
      changes: changes.map(({ change, before: was, after: is }) => ({
        change, service: viewOf((is ?? was)!), statusBefore: was?.status ?? null, restarted: was !== null && is !== null && was.started_at !== is.started_at,
      })),
      cursor: writeCursor(now.revision),
      historyLost: before === null,
    };
  },
});
