import assert from "node:assert/strict";
import type { EngineEvent } from "../../../ops/stack/engine-events.ts";
import { Checkout } from "../platform/support/checkout.ts";
import { clear } from "../platform/support/engine.ts";
import { WatchedUp } from "./watched-up.ts";

const STACK = "test";
const CONTAINER = "docker:index/container:Container";
const creating = (type: string, name: RegExp) => ({ resourcePreEvent }: EngineEvent) =>
  resourcePreEvent?.metadata.op === "create" && resourcePreEvent.metadata.type === type && name.test(resourcePreEvent.metadata.urn);
const created = (type: string, name: RegExp) => ({ resOutputsEvent }: EngineEvent) =>
  resOutputsEvent?.metadata.op === "create" && resOutputsEvent.metadata.type === type && name.test(resOutputsEvent.metadata.urn);

/** One chain: each run begins where the one before was killed, repairs that, and gets to its own point. */
describe("an ./mcp up that is killed", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  before(() => {
    clear(STACK);
    checkout = new Checkout("interruption");
  });
  after(() => {
    clear(STACK);
    checkout.remove();
  });

  for (const [where, event] of [
    ["while it creates the network", creating("docker:index/network:Network", /./)],
    ["while it builds images", creating("docker:index/remoteImage:RemoteImage", /./)],
    ["while it creates the stores", creating(CONTAINER, /::infrastructure-postgres/)],
    ["while it creates servers", creating(CONTAINER, /::toolbox-1/)],
    ["while it writes the state", created(CONTAINER, /::(admin|builder)-1/)],
  ] as const) {
    it(`${where} leaves nothing that the next one cannot get over`, async () => {
      const up = new WatchedUp(checkout, STACK);
      await up.until(event);
      up.kill();
      await up.ended;
    });
  }

  it("is made good by the next one, without hand work", async () => {
    const up = await checkout.mcp(["up", "--stack", STACK]);
    assert.equal(up.code, 0, up.all);
    assert.match(up.stderr, /Repair: removed 1 lock/);
    const preview = await checkout.mcp(["preview", "--stack", STACK, "--expect-no-changes"]);
    assert.equal(preview.code, 0, preview.all);
  });

  it("by Ctrl-C ends in good order with exit code 1, and leaves nothing to repair", async () => {
    const down = await checkout.mcp(["down", "--stack", STACK]);
    assert.equal(down.code, 0, down.all);
    const up = new WatchedUp(checkout, STACK);
    await up.until(creating(CONTAINER, /::infrastructure-postgres/));
    process.kill(-up.child.pid!, "SIGINT");
    assert.equal(await up.ended, 1, up.said);
    assert.match(up.said, /Interrupted: Pulumi finishes the steps under way/);
    const next = await checkout.mcp(["up", "--stack", STACK]);
    assert.equal(next.code, 0, next.all);
    assert.doesNotMatch(next.stderr, /Repair/);
  });

  it("with SIGKILL for itself alone takes Pulumi along, which ends in good order and leaves nothing to repair", async () => {
    const down = await checkout.mcp(["down", "--stack", STACK]);
    assert.equal(down.code, 0, down.all);
    const up = new WatchedUp(checkout, STACK);
    await up.until(creating(CONTAINER, /::infrastructure-postgres/));
    up.child.kill("SIGKILL");
    const next = await checkout.mcp(["up", "--stack", STACK]);
    assert.equal(next.code, 0, next.all);
    assert.doesNotMatch(next.stderr, /Repair/);
    const preview = await checkout.mcp(["preview", "--stack", STACK, "--expect-no-changes"]);
    assert.equal(preview.code, 0, preview.all);
  });
});
