import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Shutdown } from "./lifecycle.ts";
import { silentLog } from "./testing.ts";

const LIFECYCLE = new URL("./lifecycle.ts", import.meta.url);
const LOG = new URL("./log.ts", import.meta.url);

/** Runs a process under endOnSignals; `body` sees `shutdown`. It says "ready", and is then sent `signal`. */
async function end(body: string, signal: NodeJS.Signals | null, deadlineMs = 5_000): Promise<{ code: number | null; output: string }> {
  const script = `
    import { Shutdown, endOnSignals } from ${JSON.stringify(LIFECYCLE.href)};
    import { createLogger } from ${JSON.stringify(LOG.href)};
    const log = createLogger("test", "info");
    const shutdown = new Shutdown(log);
    endOnSignals(shutdown, log, ${deadlineMs});
    setInterval(() => {}, 1e6);
    ${body}
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let sent = false;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    if (!sent && signal && output.includes("ready")) sent = child.kill(signal);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

describe("lifecycle", () => {
  it("stops in phases: work, requests, application, stores; within a phase last added first", async () => {
    const order: string[] = [];
    const shutdown = new Shutdown(silentLog);
    for (const [phase, name] of [["stores", "pg"], ["http", "app"], ["work", "registration"], ["application", "cache"], ["work", "tasks"]] as const) {
      shutdown.add(phase, name, async () => { await null; order.push(name); });
    }
    await Promise.all([shutdown.run(), shutdown.run()]);
    assert.deepEqual(order, ["tasks", "registration", "app", "cache", "pg"]);
  });

  it("runs every step even when one throws", async () => {
    const order: string[] = [];
    const shutdown = new Shutdown(silentLog);
    shutdown.add("stores", "last", () => void order.push("last"));
    shutdown.add("work", "broken", () => { throw new Error("no"); });
    await shutdown.run();
    assert.deepEqual(order, ["last"]);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends with 0 after ${signal}, once the steps are done`, async () => {
      const { code, output } = await end(`shutdown.add("work", "w", async () => { console.log("closing"); });`, signal);
      assert.equal(code, 0);
      assert.match(output, /closing[\s\S]*"stopped"/);
    });
  }

  it("ends with 1 when the stop takes longer than its deadline", async () => {
    const { code, output } = await end(`shutdown.add("work", "stuck", () => new Promise(() => {}));`, "SIGTERM", 200);
    assert.equal(code, 1);
    assert.match(output, /took too long/);
  });

  it("logs an unhandled rejection and ends with 1", async () => {
    const { code, output } = await end(`setTimeout(() => { void Promise.reject(new Error("forgotten")); }, 10);`, null);
    assert.equal(code, 1);
    assert.match(output, /"level":"fatal".*forgotten/);
  });
});
