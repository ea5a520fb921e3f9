import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { eventually, FakeServer, GatewayRig } from "../testing/gateway-rig.ts";

const CHUNK = "x".repeat(64 * 1024);

/** What a backend may do when it is asked for its tools, or for anything else, and what is said of it. */
const BACKENDS: [string, (response: ServerResponse) => void, RegExp][] = [
  ["hangs", () => undefined, /timeout|aborted/i],
  ["answers garbage", (response) => void response.writeHead(200, { "content-type": "application/json" }).end("\u0000{]"), /without a result/],
  ["answers with a list that is none", (response) => void response.writeHead(200, { "content-type": "application/json" }).end('{"result":{"tools":{"length":3}}}'), /has no list tools/],
  ["answers 100 MB", (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = (left: number): void => {
      if (left === 0) return void response.end();
      response.write(CHUNK, (error) => { if (!error) more(left - 1); });
    };
    more(1_600);
  }, /more than 4194304 bytes/],
  ["breaks off", (response) => void response.destroy(), /./],
];

describe("a backend that does not list its tools", () => {
  let rig: GatewayRig;
  let good: FakeServer;
  let bad: Server;
  beforeEach(async () => {
    rig = await new GatewayRig().start();
    good = await new FakeServer(["read_it", "write_it"]).listen();
  });
  afterEach(async () => {
    await rig.stop();
    await good.stop();
    bad.closeAllConnections();
    bad.close();
  });

  for (const [what, answer, told] of BACKENDS) {
    it(`because it ${what}: the others' are listed and callable at once, before and after it is given up, and its failure is known`, async () => {
      bad = createServer((request, response) => void request.resume().once("end", () => answer(response))).listen(0, "127.0.0.1");
      await once(bad, "listening");
      rig.register("bad", (bad.address() as AddressInfo).port);
      rig.register("good", good.port);
      await rig.offers(2);
      const served = async (): Promise<void> => {
        const { body } = await rig.post("tools/list");
        assert.deepEqual(body.result!["tools"].map(({ name }: { name: string }) => name), ["good.read_it", "good.write_it"]);
        assert.match(await rig.call("good.read_it", { n: 1 }), /read_it/);
      };
      await served();
      const { failure, ageMs } = await eventually(() => rig.gateway.catalogue.status().find(({ server }) => server === "bad")!, (offer) => offer.failure !== null, 10_000);
      assert.match(failure!, told);
      assert.equal(ageMs, null);
      await served();
    });
  }
});
