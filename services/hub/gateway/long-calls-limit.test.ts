import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenClaims } from "../../../contract/access.ts";
import { eventually, GatewayRig, text } from "./testing/gateway-rig.ts";
import { DECLARED, LongServer } from "./testing/long-server.ts";

const LIMIT = 3;

describe("a caller's long calls", function () {
  this.timeout(20_000);
  let rig: GatewayRig;
  let server: LongServer;
  beforeEach(async () => {
    rig = await new GatewayRig().start({ longCalls: 2 * LIMIT, hubs: 2 });
    server = new LongServer();
    rig.register("searcher", (await server.listen()).port);
    await rig.offers(2);
  });
  afterEach(async () => {
    await rig.stop();
    await server.stop();
  });
  const call = async (claims: Partial<TokenClaims> = {}): Promise<Record<string, any>> => (await rig.post("tools/call", { name: "searcher.write_slow", arguments: {}, ...DECLARED }, { claims })).body.result!;
  const begun = (results: Record<string, any>[]): number => results.filter(({ resultType }) => resultType === "task").length;

  it("are as many at a time as one gets, of which each hub gives its share; one more is cancelled at its server, and says why and what to do", async () => {
    // Those that are being written down count too.
    const begin = rig.ledger.begin.bind(rig.ledger);
    rig.ledger.begin = async (...call) => (await sleep(100), begin(...call));
    const results = await Promise.all(Array.from({ length: LIMIT + 2 }, () => call()));
    assert.equal(begun(results), LIMIT);
    for (const refused of results.filter(({ resultType }) => resultType !== "task")) {
      assert.equal(refused["isError"], true);
      assert.match(refused["content"][0].text, /^user:ada has 3 long calls under way at this hub.*Wait until one has ended \(tasks\/get\), or cancel one \(tasks\/cancel\)\.$/);
    }
    await eventually(() => server.cancelled.length, (cancelled) => cancelled === 2);
    assert.deepEqual(rig.audit().map(({ outcome }) => outcome).sort(), ["task", "task", "task", "tool_error", "tool_error"]);
    assert.equal(begun([await call({ sub: "user:bob" })]), 1, "another caller's are others");
  });

  it("make room as they end, however they end", async () => {
    await Promise.all(Array.from({ length: LIMIT }, () => call()));
    const [first, second] = [...server.tasks.keys()];
    server.end(first!, { status: "completed", result: text("found") });
    server.end(second!, { status: "failed", error: { code: -32_000, message: "no" } });
    await eventually(() => rig.gateway.calls.following, (following) => following === LIMIT - 2, 10_000);
    assert.equal(begun([await call(), await call(), await call()]), 2);
  });

  it("that could not be written down count no more", async () => {
    rig.ledger.away = new Error("the database is away");
    for (let n = 0; n < LIMIT + 1; n++) assert.match((await call())["content"][0].text, /could not be written down/);
    rig.ledger.away = null;
    assert.equal(begun([await call()]), 1);
  });
});
