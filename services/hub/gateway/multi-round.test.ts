import assert from "node:assert/strict";
import { eventually, FakeServer, GatewayRig, text } from "./testing/gateway-rig.ts";

const QUESTION = { confirm: { method: "elicitation/create", params: { message: "Send it?", requestedSchema: { type: "object", properties: {} } } } };

/** Asks before it does, and tells what state it was given back. */
const asking = (): FakeServer => new FakeServer(["write_it", "read_it"], ({ params }) =>
  (params.inputResponses ? text(`${JSON.stringify(params.inputResponses)} ${params.requestState}`) : { resultType: "input_required", inputRequests: QUESTION, requestState: "nonce 7 of ada" }));

describe("a call that asks on the way", () => {
  let rig: GatewayRig;
  let server: FakeServer;
  before(async () => {
    rig = await new GatewayRig().start();
    server = await asking().listen();
    rig.register("execution", server.port);
    await rig.offers(2);
  });
  after(async () => {
    await rig.stop();
    await server.stop();
  });
  const ask = async (options = {}): Promise<string> => (await rig.post("tools/call", { name: "execution.write_it", arguments: { wei: "1" } }, options)).body.result!["requestState"];
  const answer = (requestState: unknown, params: object = {}, options = {}) =>
    rig.post("tools/call", { name: "execution.write_it", arguments: { wei: "1" }, inputResponses: { confirm: { action: "accept" } }, requestState, ...params }, options);

  it("passes question and answers through, and the server gets back the state that it gave", async () => {
    const first = (await rig.post("tools/call", { name: "execution.write_it", arguments: { wei: "1" } })).body.result!;
    assert.deepEqual([first["resultType"], first["inputRequests"]], ["input_required", QUESTION]);
    assert.equal((await answer(first["requestState"])).body.result!["content"][0].text, '{"confirm":{"action":"accept"}} nonce 7 of ada');
    assert.deepEqual(server.calls.at(-1)!.params.arguments, { wei: "1" });
  });

  it("hides the state from the client", async () => {
    assert.doesNotMatch(Buffer.from((await ask()).slice(3), "base64url").toString("latin1"), /nonce|ada/);
  });

  it("refuses a state that was altered, made up, another caller's, or given for another input or tool, before the server sees it", async () => {
    const state = await ask();
    const calls = server.calls.length;
    const refused = [
      await answer(`${state.slice(0, -4)}AAAA`), await answer("nonce 7 of ada"), await answer(7),
      await answer(state, {}, { claims: { sub: "user:bob" } }),
      await answer(state, { arguments: { wei: "2" } }),
      await answer(state, { name: "execution.read_it" }),
    ];
    assert.deepEqual(refused.map(({ body }) => [body.error?.code, body.error?.data?.reason]), refused.map(() => [-32_602, "invalid_request_state"]));
    assert.equal(server.calls.length, calls);
  });

  it("works through call_tool too", async () => {
    const call = (params: object) => rig.post("tools/call", { name: "call_tool", arguments: { name: "execution.write_it", arguments: { wei: "1" } }, ...params });
    const { requestState } = (await call({})).body.result!;
    assert.match((await call({ inputResponses: { confirm: {} }, requestState })).body.result!["content"][0].text, /nonce 7 of ada/);
  });

  it("tells an older client that it cannot be asked", async () => {
    const client = await rig.client("legacy");
    const result = await client.callTool({ name: "execution.write_it", arguments: {} });
    assert.match((result.content as { text: string }[])[0]!.text, /wants a client of protocol revision 2026-07-28/);
    await client.close();
    await eventually(() => rig.audit().at(-1)!["outcome"], (outcome) => outcome === "input_required");
  });
});
