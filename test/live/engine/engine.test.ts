/** What only shows when the engine itself fails: stopped, or out of disk, in the middle of `./mcp up`. */
import assert from "node:assert/strict";
import type { EngineEvent } from "../../../ops/stack/engine-events.ts";
import { WatchedUp } from "../interruption/watched-up.ts";
import { Checkout } from "../platform/support/checkout.ts";
import { PrivateEngine } from "./private-engine.ts";

const STACK = "test";
/** Above what `up` asks for before it builds (5 GiB), with room for what it makes. */
const DISK_MIB = 9 * 1024;
const creating = (type: string, name: RegExp) => ({ resourcePreEvent }: EngineEvent) =>
  resourcePreEvent?.metadata.op === "create" && resourcePreEvent.metadata.type === type && name.test(resourcePreEvent.metadata.urn);

describe("an ./mcp up whose engine fails", function () {
  this.timeout(900_000);
  let engine: PrivateEngine;
  let checkout: Checkout;
  before(async () => {
    engine = new PrivateEngine(DISK_MIB);
    await engine.start();
    checkout = new Checkout("engine", engine);
  });
  after(async () => {
    await engine?.remove();
    checkout?.remove();
  });

  it("with a full disk beforehand is refused with exit code 3, before anything is built", async () => {
    engine.fill(1024);
    const up = await checkout.mcp(["up", "--stack", STACK]);
    engine.empty();
    assert.equal(up.code, 3, up.all);
    assert.match(up.stderr, /the engine's disk has \d\.\d GiB left and 5 GiB are needed/);
  });

  it("with a disk that fills up during a build ends with exit code 1 and says so", async () => {
    const up = new WatchedUp(checkout, STACK);
    await up.until(creating("docker:index/remoteImage:RemoteImage", /::infrastructure-postgres-image-build/));
    engine.fill(20);
    assert.equal(await up.ended, 1, up.said);
    engine.empty();
    assert.match(up.said, /no space left on device/i);
    assert.match(up.said, /The engine's disk is full\. Free some of it, then run the command again/);
  });

  it("when stopped while containers are made, ends with exit code 1 and says so", async () => {
    const up = new WatchedUp(checkout, STACK);
    await up.until(creating("docker:index/container:Container", /::infrastructure-postgres/));
    await engine.stop();
    assert.equal(await up.ended, 1, up.said);
    assert.match(up.said, /The Docker engine went away/);
  });

  it("is refused with exit code 3 while the engine is away", async () => {
    const up = await checkout.mcp(["up", "--stack", STACK]);
    assert.equal(up.code, 3, up.all);
    assert.match(up.stderr, /no Docker engine answers at DOCKER_HOST=.*: start that engine/);
  });

  it("is made good by the next one once the engine is back, without hand work", async () => {
    await engine.start();
    const up = await checkout.mcp(["up", "--stack", STACK]);
    assert.equal(up.code, 0, up.all);
    const preview = await checkout.mcp(["preview", "--stack", STACK, "--expect-no-changes"]);
    assert.equal(preview.code, 0, preview.all);
  });
});
