import assert from "node:assert/strict";
import { fuzz } from "./testing/fuzz.ts";
import { eventually, FakeServer, GatewayRig, text, tokenOf } from "./testing/gateway-rig.ts";

const REQUESTS = 4_000;

describe("mutated requests", function () {
  this.timeout(120_000);

  it("by the thousand are all answered without a fault of the gateway, reach no server that they may not, and leave nothing behind", async () => {
    const rig = await new GatewayRig().start();
    const server = await new FakeServer(["read_it", "write_it"], ({ method }) => (method === "tools/call" ? text("done") : {})).listen();
    server.lists.prompts = [{ name: "plan" }];
    server.lists.resourceTemplates = [{ uriTemplate: "chain://block/{n}", name: "block" }];
    rig.register("toolbox", server.port);
    await rig.offers(2);
    const { statuses, faults } = await fuzz({ port: Number(new URL(rig.url).port), requests: REQUESTS, seed: 20_261_123, authorization: `Bearer ${tokenOf({ role: "reader" })}` });
    assert.deepEqual(faults, []);
    assert.deepEqual(rig.logged.filter(({ level }) => level === "error"), []);
    assert.ok(statuses["200"]! > REQUESTS / 20 && statuses["400"]! > REQUESTS / 20, `both good and bad ones were sent: ${JSON.stringify(statuses)}`);
    // The token is a reader's: what changes something was not reached by any disguise.
    assert.deepEqual([...new Set(server.calls.map(({ params }) => params.name))], ["read_it"]);
    await eventually(() => rig.gateway.fleet.inFlight("toolbox"), (calls) => calls === 0);
    assert.equal(await rig.call("toolbox.read_it"), "done");
    await rig.stop();
    await server.stop();
  });
});
