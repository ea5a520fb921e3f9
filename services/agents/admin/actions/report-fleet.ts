import { z } from "zod";
import { TASK_STATES } from "../../../../contract/tasks.ts";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { AdminDeps } from "../deps.ts";
import { fleetMarkdown } from "../report/fleet-markdown.ts";

const DAY_MS = 86_400_000;
const Time = z.iso.datetime({ offset: true });
const Ms = z.number().nullable();

export const reportFleet = defineAction<AdminDeps>()({
  name: "report_fleet",
  description: "How the fleet did in an interval: tasks by type and state, how long they waited and ran, failures by error code, and the agents there are now. As data and as Markdown.",
  input: z.strictObject({
    from: Time.optional().describe("Tasks submitted from then on, RFC 3339; default: a day before `to`."),
    to: Time.optional().describe("Tasks submitted before then; default: now."),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    tasks: z.number().int(),
    types: z.array(z.object({
      type: z.string(),
      states: z.partialRecord(z.enum(TASK_STATES), z.number().int()),
      runP50Ms: Ms.describe("From the start of the last attempt to the end, of succeeded tasks."),
      runP95Ms: Ms,
      waitP50Ms: Ms.describe("From submission to the start of the last attempt."),
      waitP95Ms: Ms,
      retries: z.number().int().describe("Attempts beyond each task's first."),
    })),
    failures: z.array(z.object({ type: z.string(), code: z.string(), tasks: z.number().int() })),
    agents: z.array(z.object({ agent: z.string(), status: z.string(), currentTask: z.string().nullable(), version: z.string(), startedAt: z.string() })),
    markdown: z.string(),
  }),
  async handler(input, { deps, signal }) {
    const to = input.to === undefined ? new Date() : new Date(input.to);
    const from = input.from === undefined ? new Date(to.getTime() - DAY_MS) : new Date(input.from);
    if (from >= to) throw new UserFault(`from: ${from.toISOString()} is not before ${to.toISOString()}.`);
    const [types, failures, services] = await Promise.all([
      deps.fabric.typeStats(from, to), deps.fabric.failures(from, to), deps.hub.listServices(signal),
    ]);
    const agents = services
      .flatMap((service) => (service.kind === "agent"
        ? [{ agent: `${service.type}-${service.n}`, status: service.status, currentTask: service.current_task, version: service.version, startedAt: service.started_at }]
        : []))
      .sort((a, b) => (a.agent < b.agent ? -1 : 1));
    const tasks = types.reduce((sum, { states }) => sum + Object.values(states).reduce((all, n) => all + n, 0), 0);
    const report = { from: from.toISOString(), to: to.toISOString(), tasks, types, failures, agents };
    return { ...report, markdown: fleetMarkdown(report) };
  },
});
