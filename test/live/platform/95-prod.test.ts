/** A prod-shaped stack on one engine: only the edge is published, and the data are protected. */
import assert from "node:assert/strict";
import { Checkout } from "./support/checkout.ts";
import { clear, containers, docker } from "./support/engine.ts";

describe("a prod-shaped stack", function () {
  this.timeout(600_000);
  let checkout: Checkout;
  before(() => { clear("prod"); checkout = new Checkout("prod"); });
  after(() => { clear("prod"); checkout.remove(); });

  it("comes up, publishes the edge alone, and passes its checks", async () => {
    const configured = await checkout.run("sh", ["-c", [
      'eval "$(./mcp env --stack prod)"',
      // Beside a dev stack on the same engine: another network, other names, a free port, and a local chain as the RPC endpoint.
      "pulumi config set --stack prod --path mcp:network.name mcpnet-prod",
      "pulumi config set --stack prod --path mcp:network.subnet 172.22.0.0/16",
      "pulumi config set --stack prod --path mcp:network.bridge mcp_prod",
      "pulumi config set --stack prod --path mcp:namePrefix prod-",
      "pulumi config set --stack prod --path mcp:portOffset 25000",
      "pulumi config set --stack prod --path mcp:edge.bind 127.0.0.1",
      "pulumi config set --stack prod --path mcp:devnet.enabled true",
    ].join(" && ")]);
    assert.equal(configured.code, 0, configured.all);
    const up = await checkout.mcp(["up", "--stack", "prod", "--yes"]);
    assert.equal(up.code, 0, up.all.slice(-4000));

    const published = [...containers("prod").keys()].filter((name) => docker("port", name).trim() !== "");
    assert.deepEqual(published, ["prod-nginx"]);
    const check = await checkout.mcp(["check", "--stack", "prod"]);
    assert.equal(check.code, 0, check.all.slice(-4000));

    const policy = await checkout.run("sh", ["-c", 'eval "$(./mcp env --stack prod)" && pulumi preview --stack prod --policy-pack policy --non-interactive']);
    assert.doesNotMatch(policy.all, /protected-volumes.*mandatory/i);
  });
});
