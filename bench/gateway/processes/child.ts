/** What the processes of this benchmark have in common: they say their port, and answer what they have used. */
import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { AddressInfo } from "node:net";
import type { HttpApp } from "../../../services/kit/http.ts";

/** @property cpuMs user and system, since the start; @property rssMiB now, as heapMiB (in use), externalMiB (buffers, beside the heap) and descriptors */
export interface Usage { cpuMs: number; rssMiB: number; heapMiB: number; externalMiB: number; descriptors: number }

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

export async function listen(app: HttpApp): Promise<number> {
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/** Ends with its parent. */
export function answering(port: number, onMessage: (message: object) => unknown = () => null): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (message: object) => {
    if ("usage" in message) {
      if ("collected" in message) collectGarbage();
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, external } = process.memoryUsage();
      process.send!({ cpuMs: (user + system) / 1000, rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20, externalMiB: external / 2 ** 20, descriptors: readdirSync("/proc/self/fd").length } satisfies Usage);
    } else {
      process.send!({ answer: await onMessage(message) });
    }
  });
  process.send!({ port });
}
