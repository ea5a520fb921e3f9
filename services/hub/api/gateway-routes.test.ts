import assert from "node:assert/strict";
import { GatewayAnswer } from "../../../contract/gateway.ts";
import { eventually, FakeServer, GatewayRig, toolOf } from "../gateway/testing/gateway-rig.ts";
import { gatewayStatus } from "./gateway-routes.ts";

describe("what the hub says about its gateway", () => {
  let rig: GatewayRig;
  let servers: FakeServer[];
  beforeEach(async () => {
    rig = await new GatewayRig().start();
    servers = await Promise.all([["read_it", "write_it"], ["read_it", toolOf("read.it")], ["read_it"]].map((tools) => new FakeServer(tools as string[]).listen()));
  });
  afterEach(async () => {
    await rig.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("has each server with its replicas, and what is refused of it, and who claims its name", async () => {
    const [good, collides, shadow] = servers as [FakeServer, FakeServer, FakeServer];
    rig.register("good", good.port);
    rig.register("collides", collides.port);
    rig.register("good", shadow.port, { category: "utils", replica: 2 });
    rig.register("collides", shadow.port, { category: "blockchain" });
    const status = await eventually(() => gatewayStatus(rig.gateway, rig.registry), ({ servers: [a, b] }) => a?.tools === 1 && b?.tools === 2);
    assert.deepEqual(GatewayAnswer.parse(status), status);
    assert.deepEqual(status.servers.map(({ server, category, tools, failure }) => ({ server, category, tools, failure })), [
      { server: "collides", category: "blockchain", tools: 1, failure: null }, { server: "good", category: "utils", tools: 2, failure: null },
    ]);
    assert.deepEqual(status.servers[1]!.replicas.map(({ up, calls }) => ({ up, calls })), [{ up: true, calls: 0 }, { up: true, calls: 0 }]);
    assert.deepEqual(status.shadows, [{ name: "collides", category: "utils", by: "blockchain" }]);
  });

  it("has the age of a list that its server does not give any more, and why", async () => {
    const [good, collides] = servers as [FakeServer, FakeServer];
    rig.register("collides", collides.port);
    rig.register("good", good.port);
    await rig.offers(3);
    assert.deepEqual(gatewayStatus(rig.gateway, rig.registry).refused.map(({ server, name }) => `${server} ${name}`), ["collides collides.read.it"]);
    good.lists = { tools: 7 as unknown as object[] };
    rig.register("good", good.port, { started_at: new Date(Date.now() + 2e6).toISOString() });
    const { servers: rows } = await eventually(() => gatewayStatus(rig.gateway, rig.registry), ({ servers: found }) => found.at(-1)!.failure !== null);
    assert.match(rows.at(-1)!.failure!, /has no list tools/);
    assert.ok(rows.at(-1)!.ageMs! >= 0);
    assert.equal(rows.at(-1)!.tools, 2);
  });
});
