/** `/api/v1/queues`: what waits, and for how long. */
import type { QueuesAnswer } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import type { QueueReader } from "../queues/queue-reader.ts";
import { queueStatus } from "../queues/queue-status.ts";
import { explain } from "./task-guards.ts";

export function mountQueues(app: HttpApp, catalogs: Catalogs, reader: QueueReader): void {
  app.get("/api/v1/queues", async (): Promise<QueuesAnswer> => ({ queues: await queueStatus(reader, catalogs.capacity()).catch(explain) }));
}
