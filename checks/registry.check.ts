import assert from "node:assert/strict";
import { agentKey, serverKey } from "../contract/registry.ts";
import type { ServerCategory } from "../contract/services.ts";
import { docker, forgetAddresses } from "./support/engine.ts";
import { api, eventually } from "./support/reach.ts";
import { disruptive, stack } from "./support/stack.ts";
import { etcd } from "./support/stores.ts";

interface Entry { key: string; host: string; port: number }
const listed = async (): Promise<Entry[]> => (await api("/services")).body.services;

describe("registry", function () {
  this.timeout(90_000);

  it("the hub lists exactly what is deployed", async () => {
    const hosts = (await listed()).map((e) => e.host).sort();
    assert.deepEqual(hosts, [...stack().servers, ...stack().agents].map((s) => s.host).sort());
  });

  // Stopping containers is not for a stack in use, so these cases exist only with --disruptive.
  if (disruptive) {
    const server = stack().servers.at(-1)!;
    const agent = stack().agents.at(-1)!;
    const cases = [
      { container: server.container, key: serverKey(server.category as ServerCategory, server.server, server.replica) },
      { container: agent.container, key: agentKey(agent.type, Number(agent.id.slice(agent.type.length + 1))) },
    ];
    for (const { container, key } of cases) {
      it(`${key} goes at once when ${container} stops and returns when it starts`, async () => {
        const client = await etcd();
        assert.ok(await client.get(key).string(), `${key} is missing before the test`);
        try {
          await docker("stop", container);
          await eventually(`${key} disappears`, 3_000, async () => (await client.get(key).string()) === null);
          await eventually("the hub forgets it", 3_000, async () => !(await listed()).some((e) => e.key === key));
        } finally {
          await docker("start", container);
          forgetAddresses();
        }
        await eventually(`${key} returns`, 30_000, async () => client.get(key).string());
        await eventually("the hub lists it again", 5_000, async () => (await listed()).some((e) => e.key === key));
      });
    }

    it(`${cases[0]!.key} goes within 20 s when ${cases[0]!.container} is killed`, async () => {
      const { container, key } = cases[0]!;
      const client = await etcd();
      try {
        await docker("kill", container);
        await eventually(`${key} disappears`, 20_000, async () => (await client.get(key).string()) === null);
      } finally {
        await docker("start", container);
        forgetAddresses();
      }
      await eventually(`${key} returns`, 30_000, async () => client.get(key).string());
    });
  }
});
