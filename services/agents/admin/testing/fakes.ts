/** The fabric in memory, a hub that notes what it is asked, for tests of the actions. */
import type { ServiceEntry } from "../../../../contract/registry.ts";
import type { RetentionRequest } from "../../../../contract/tasks.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { AdminDeps } from "../deps.ts";
import type { DeadLetterFilter, DeadTask, FailureStats, TypeStats } from "../fabric/fabric-reader.ts";

export interface Fakes {
  deps: AdminDeps;
  dead: DeadTask[];
  types: TypeStats[];
  failures: FailureStats[];
  services: ServiceEntry[];
  replayed: string[];
  /** Ids that the hub refuses to replay. */
  refuses: Set<string>;
  retentions: RetentionRequest[];
  intervals: [Date, Date][];
}

export const deadTask = (id: string, more: Partial<DeadTask> = {}): DeadTask =>
  ({ id, type: "builder", action: "echo", state: "dead", attempts: 3, errorCode: "internal", finishedAt: "2026-01-01T00:00:00.000Z", ...more });

export function makeFakes(): Fakes {
  const fakes: Omit<Fakes, "deps"> = { dead: [], types: [], failures: [], services: [], replayed: [], refuses: new Set(), retentions: [], intervals: [] };
  const matching = ({ type, errorCode, olderThan }: DeadLetterFilter): DeadTask[] => fakes.dead
    .filter((task) => (type === undefined || task.type === type) && (errorCode === undefined || task.errorCode === errorCode)
      && (olderThan === undefined || Date.parse(task.finishedAt) < Date.parse(olderThan)));
  const deps: AdminDeps = {
    fabric: {
      deadTasks: async (filter, limit) => matching(filter).slice(0, limit),
      countDead: async (filter) => matching(filter).length,
      deadGroups: async (filter, limit) => matching(filter).slice(0, limit).map(({ id, type, action, state, errorCode, finishedAt }) =>
        ({ type, action, state, errorCode, tasks: 1, oldest: finishedAt, newest: finishedAt, message: "it broke | badly\nthen again", taskId: id })),
      typeStats: async (from, to) => {
        fakes.intervals.push([from, to]);
        return fakes.types;
      },
      failures: async () => fakes.failures,
    },
    hub: {
      replayTask: async (id) => {
        if (fakes.refuses.has(id)) throw new UserFault(`Task ${id} is pending`);
        fakes.replayed.push(id);
        return { id, state: "pending" };
      },
      listServices: async () => fakes.services,
    },
    retention: {
      apply: async (what) => {
        fakes.retentions.push(what);
        return { dryRun: what.dryRun, finishedBefore: "2026-01-01T00:00:00.000Z", tasks: 7, byState: { succeeded: 5, dead: 2 } };
      },
    },
  };
  return Object.assign(fakes, { deps });
}
