import assert from "node:assert/strict";
import { baseUrl, edge, eventually, http } from "./support/reach.ts";
import { stack } from "./support/stack.ts";

describe("health", function () {
  this.timeout(30_000);

  it("the edge answers /healthz without a token", async () => {
    const answer = await http(`${edge()}/healthz`);
    assert.equal(answer.status, 200);
  });

  it("the hub is ready, as seen through the edge", async () => {
    await eventually("hub ready", 20_000, async () => {
      const answer = await http(`${edge()}/readyz`);
      if (answer.status !== 200) throw new Error(`/readyz ${answer.status}: ${answer.text}`);
      return true;
    });
  });

  for (const service of [...stack().servers, ...stack().agents]) {
    it(`${service.container} is alive, ready and measured`, async () => {
      const base = await baseUrl(service);
      assert.equal((await http(`${base}/healthz`)).status, 200, "/healthz");
      await eventually(`${service.container} ready`, 15_000, async () => {
        const ready = await http(`${base}/readyz`);
        if (ready.status !== 200) throw new Error(`/readyz ${ready.status}: ${ready.text}`);
        return true;
      });
      const metrics = await http(`${base}/metrics`);
      assert.equal(metrics.status, 200, "/metrics");
      assert.match(metrics.text, /^process_cpu_seconds_total/m);
    });
  }
});
