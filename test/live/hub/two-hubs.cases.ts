/** Two hubs on the same stores: both serve, one dispatches, the other takes over. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "mocha";
import { succeed, type FakeAgent, type Work } from "./fake-agent.ts";
import { HubProcess } from "./hub-process.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };
const TWO = { HUB_REPLICAS: "2" };
/** What a caller may wait at most until tasks move again; a second or two where the machine has nothing else to do. */
const TAKEOVER_MS = 10_000;
/** Of a leader that neither works nor lets go: the silence of 5 s that the database allows it comes on top. */
const TAKEOVER_FROM_FROZEN_MS = 20_000;
/** Accepted by each hub before anything happens, and again afterwards. */
const ENOUGH = 50;

/** Reports until it hears `stored`, as the contract wants: what a hub had taken when it froze is heard by the other. */
const stubborn: Work = async (task, self) => {
  await sleep(5);
  const again = setInterval(() => {
    if (!self.held.has(`${task.taskId}/${task.attempt}`)) return clearInterval(again);
    self.report(task, { outcome: "succeeded", result: { attempt: task.attempt } }).catch(() => clearInterval(again));
  }, 1_000);
  return succeed(task, self);
};

/** Of a task that did not fail: one that the hub which dispatches takes begins without waiting. */
const ENDED = /^active,(pending,)?succeeded$/;

export function twoHubCases(rig: HubRig): void {
  const { hub, clients, runner } = rig;

  /** @param run gets the second hub, which stands by */
  async function withSecond(run: (second: HubProcess) => Promise<void>): Promise<void> {
    await hub.stop();
    await hub.start(TWO);
    const second = new HubProcess(runner, clients);
    await second.start(TWO);
    try {
      await eventually(() => second.output, (output) => output.includes("another hub dispatches"));
      await run(second);
    } finally {
      await second.stop();
      await hub.start();
    }
  }

  /** Submits to each hub from several callers until it is stopped; an answer counts, whatever becomes of the hub. */
  function load(hubs: HubProcess[]): { accepted: string[][]; stop(): Promise<void> } {
    const accepted: string[][] = hubs.map(() => []);
    let going = true;
    const callers = hubs.flatMap((one, index) => Array.from({ length: 4 }, async () => {
      while (going) await one.submit(echo).then(({ id }) => accepted[index]!.push(id), () => sleep(20));
    }));
    return { accepted, stop: async () => { going = false; await Promise.all(callers); } };
  }

  /** Each accepted task succeeded, by one attempt that counts. */
  async function allDone(accepted: string[], agent: FakeAgent): Promise<void> {
    const postgres = await clients.postgres("hub");
    const count = async (sql: string): Promise<number> => (await postgres.query(`select count(*)::int as n from ${sql}`, [accepted])).rows[0].n;
    await eventually(() => count("fabric.tasks where id = any($1) and state <> 'succeeded'"), (left) => left === 0, 45_000);
    assert.equal(await count("fabric.attempts where task_id = any($1) and outcome = 'succeeded'"), accepted.length);
    await eventually(() => agent.held.size, (held) => held === 0, 30_000);
  }

  it("both take tasks; when the one that dispatches is killed, the other goes on within seconds and nothing is lost", async () => {
    await withSecond(async (second) => {
      const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 16, work: async (task, self) => (await sleep(5), succeed(task, self)) });
      const { accepted, stop } = load([hub, second]);
      const before = await eventually(() => accepted.map((ids) => ids.length), (counts) => counts.every((count) => count > ENOUGH), 40_000);
      await hub.stop("SIGKILL");
      const killedAt = Date.now();
      const probe = await second.submit({ ...echo, priority: "high" });
      await second.until(probe.id, "succeeded");
      const took = Date.now() - killedAt;
      assert.match(second.output, /this hub dispatches/);
      assert.ok(took < TAKEOVER_MS, `took over after ${took} ms`);
      await eventually(() => accepted[1]!.length, (count) => count > before[1]! + ENOUGH, 40_000);
      await stop();
      console.log(`      took over after ${took} ms; accepted ${accepted.map((ids) => ids.length).join(" and ")}`);
      await allDone([...accepted.flat(), probe.id], agent);
    });
  });

  it("the other takes over from one that is frozen, which finds itself replaced when it wakes", async () => {
    await withSecond(async (second) => {
      const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 16, work: stubborn });
      const { accepted, stop } = load([hub, second]);
      await eventually(() => accepted.map((ids) => ids.length), (counts) => counts.every((count) => count > ENOUGH), 40_000);
      process.kill(hub.pid, "SIGSTOP");
      const frozenAt = Date.now();
      let took = 0;
      try {
        const probe = await second.submit({ ...echo, priority: "high" });
        await second.until(probe.id, "succeeded", 30_000);
        took = Date.now() - frozenAt;
      } finally {
        process.kill(hub.pid, "SIGCONT");
      }
      assert.ok(took < TAKEOVER_FROM_FROZEN_MS, `took over after ${took} ms`);
      await eventually(() => hub.output, (output) => /connection that dispatches was lost/.test(output) && /another hub dispatches/.test(output));
      await stop();
      console.log(`      took over after ${took} ms; accepted ${accepted.map((ids) => ids.length).join(" and ")}`);
      await allDone(accepted.flat(), agent);
    });
  });

  it("listeners of either hub hear of every task, whichever took it", async () => {
    await withSecond(async (second) => {
      await rig.agent({ type: AGENT_TYPE, work: succeed });
      const ends: AbortController[] = [];
      const heard = [hub, second].map((one) => {
        const lines: string[] = [];
        const controller = new AbortController();
        ends.push(controller);
        void (async () => {
          const { body } = await fetch(`${one.url}/api/v1/events`, { headers: { authorization: `Bearer ${one.token("user:r", "reader")}` }, signal: controller.signal });
          for await (const chunk of body!.pipeThrough(new TextDecoderStream())) lines.push(chunk);
        })().catch(() => undefined);
        return lines;
      });
      const states = (lines: string[], id: string): string => [...lines.join("").matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]!))
        .filter((event) => event.subject === id).map((event) => event.data.state as string).sort().join();
      // The stream is followed from a moment after the listener came.
      await eventually(async () => {
        const { id } = await second.submit(echo);
        await second.until(id, "succeeded");
        await sleep(200);
        return heard.map((lines) => states(lines, id));
      }, (seen) => seen.every((all) => ENDED.test(all)), 30_000);
      const { id } = await hub.submit(echo);
      for (const lines of heard) await eventually(() => states(lines, id), (seen) => ENDED.test(seen));
      for (const controller of ends) controller.abort();
    });
  });
}
