/** `GET /api/v1/events`: live events as server-sent events. */
import type { ServerResponse } from "node:http";
import type { HttpApp } from "../../kit/http.ts";
import type { EventFeed } from "../events/feed.ts";

/** Comments that keep proxies from closing a quiet stream. */
const KEEP_ALIVE_MS = 15_000;
/** A reader that has fallen this far behind is let go: it can come back and read the state anew. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

/** @returns what ends every open stream */
export function mountEvents(app: HttpApp, feed: EventFeed): () => void {
  const open = new Set<ServerResponse>();
  app.get("/api/v1/events", (_request, reply) => {
    const response = reply.raw;
    // What one turn of the event loop brings goes out in one piece: cork() would write each event by itself in the end.
    let gathered = "";
    const write = (): void => {
      response.write(gathered);
      gathered = "";
      if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy();
    };
    const end = feed.subscribe((event) => {
      if (gathered === "") setImmediate(write);
      gathered += `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    });
    reply.hijack();
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" });
    response.write(": live events; GET /api/v1/tasks and /api/v1/services have the state they change\n\n");
    open.add(response);
    const keepAlive = setInterval(() => response.write(": alive\n\n"), KEEP_ALIVE_MS);
    response.once("close", () => {
      clearInterval(keepAlive);
      end();
      open.delete(response);
    });
  });
  return () => {
    for (const response of open) response.end();
  };
}
