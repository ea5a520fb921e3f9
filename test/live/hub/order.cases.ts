import assert from "node:assert/strict";
import { it } from "mocha";
import { taskQueue } from "../../../contract/bus.ts";
import { never, succeed } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };

export function orderCases(rig: HubRig): void {
  const { hub, clients } = rig;

  it("holds no more than twice the prefetch with the broker, however much waits", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 3 });
    const tasks = await Promise.all(Array.from({ length: 20 }, () => hub.submit(echo)));
    await eventually(() => agent.received.length, (received) => received === 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const channel = await clients.channel("hub");
    assert.equal((await channel.checkQueue(taskQueue(AGENT_TYPE))).messageCount, 3);
    assert.equal((await hub.call("GET", "/api/v1/tasks?state=active")).body.tasks.length, 6);
    assert.equal((await hub.call("GET", "/api/v1/tasks?state=pending")).body.tasks.length, 14);
    agent.work = succeed;
    for (const { taskId, attempt } of [...agent.received]) await agent.report({ taskId, attempt }, { outcome: "succeeded" });
    for (const { id } of tasks) await hub.until(id, "succeeded");
  });

  it("begins a task for which there is room as it is stored, and nobody's before those who wait", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    const states: string[] = [];
    for (let n = 0; n < 3; n++) states.push((await hub.submit(echo)).state);
    assert.deepEqual(states, ["active", "active", "pending"]);
    // Room, but not for all of them: whose turn it is is decided by the dispatcher, for those who came first.
    const [first] = await eventually(() => agent.received, (received) => received.length === 1);
    const { body } = await hub.call("POST", "/api/v1/tasks:batch", { tasks: [echo, echo] });
    assert.deepEqual(body.results.map(({ state }: { state: string }) => state), ["pending", "pending"]);
    agent.work = succeed;
    await agent.report({ taskId: first!.taskId, attempt: 1 }, { outcome: "succeeded" });
    for (const { id } of body.results) assert.equal((await hub.until(id, "succeeded")).attempt, 1);
    assert.equal(new Set(agent.received.map(({ taskId }) => taskId)).size, 5);
    const postgres = await clients.postgres("hub");
    await eventually(async () => (await postgres.query("select from fabric.outbox")).rowCount, (unconfirmed) => unconfirmed === 0);
  });

  it("serves callers in turn, so that one's flood delays another by a few tasks only", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    const [flood, guest] = [hub.token("user:flood", "admin"), hub.token("user:guest", "admin")];
    await Promise.all(Array.from({ length: 40 }, () => hub.submit(echo, flood)));
    const guests = await Promise.all(Array.from({ length: 5 }, () => hub.submit(echo, guest)));
    const urgent = await hub.submit({ ...echo, priority: "high" }, flood);
    const later = await hub.submit({ ...echo, priority: "low" }, guest);
    agent.work = succeed;
    const [first] = agent.received;
    await agent.report({ taskId: first!.taskId, attempt: 1 }, { outcome: "succeeded" });
    await hub.until(later.id, "succeeded", 60_000);
    await eventually(() => agent.received.length, (received) => received === 47, 30_000);
    const order = agent.received.map(({ taskId }) => taskId);
    const place = (id: string): number => order.indexOf(id);
    // Two were with the broker before anybody else came; then the urgent one, then turn by turn.
    assert.ok(place(urgent.id) <= 2, `urgent came ${place(urgent.id)}th`);
    const places = guests.map(({ id }) => place(id)).sort((a, b) => a - b);
    assert.ok(places.at(-1)! <= 13, `guests came at ${places}`);
    assert.ok(places[1]! - places[0]! >= 2, "and the flood went on in its turns");
    assert.equal(place(later.id), order.length - 1);
  });

  it("shares the work among agents, and notices when one joins or leaves", async () => {
    const agents = [await rig.agent({ type: AGENT_TYPE, n: 1, concurrency: 2, work: never })];
    await Promise.all(Array.from({ length: 12 }, () => hub.submit(echo)));
    const active = async () => (await hub.call("GET", "/api/v1/tasks?state=active")).body.tasks.length as number;
    await eventually(active, (count) => count === 4);
    agents.push(await rig.agent({ type: AGENT_TYPE, n: 2, concurrency: 2, work: never }));
    await eventually(active, (count) => count === 8);
    for (const agent of agents) agent.work = succeed;
    for (const agent of agents) for (const { taskId, attempt } of [...agent.received]) await agent.report({ taskId, attempt }, { outcome: "succeeded" });
    await eventually(active, (count) => count === 0);
    assert.ok(agents.every((agent) => agent.received.length >= 2));
  });
}
