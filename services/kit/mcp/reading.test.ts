import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { Unavailable, UserFault } from "../errors.ts";
import { createHttpApp, type HttpApp } from "../http.ts";
import { createLogger } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { definePrompt } from "../prompt.ts";
import type { Resource } from "../resource.ts";
import { mountMcp } from "./endpoint.ts";

interface Deps { height: number }

const review = definePrompt<Deps>()({
  name: "review_route", title: "Review a route", description: "Asks for a review of a route at the chain's height.",
  input: z.strictObject({ route: z.string().describe("Tokens in order."), depth: z.enum(["short", "long"]).optional().describe("How much to say.") }),
  async handler({ route, depth = "short" }, { deps, caller }) {
    if (route === "A") throw new UserFault("A route has at least two tokens.");
    return [{ role: "user", content: { type: "text", text: `${caller?.sub}: ${depth} ${route} at ${deps.height}` } }];
  },
});
const part = { name: "x", title: "X", description: "Something of the chain to read." };
const RESOURCES: Resource<Deps>[] = [
  { ...part, name: "head", uri: "chain://head", mimeType: "text/plain", read: async (_variables, { deps }) => String(deps.height) },
  { ...part, name: "block", uri: "chain://block/{number}", mimeType: "application/json", read: async ({ number }, { deps }) => (Number(number) > deps.height ? null : JSON.stringify({ number })) },
  { ...part, name: "raw", uri: "chain://raw", mimeType: "application/octet-stream", read: async () => Uint8Array.of(0, 255) },
  { ...part, name: "away", uri: "chain://away", mimeType: "text/plain", read: async () => { throw new Unavailable("The chain does not answer."); } },
  { ...part, name: "bug", uri: "chain://bug", mimeType: "text/plain", read: async () => { throw new Error("password=hunter2"); } },
];

describe("prompts and resources of a server", () => {
  let app: HttpApp;
  let url: URL;
  const logged: Record<string, unknown>[] = [];
  const mount = (to: HttpApp, log = createLogger("chain", "error", { write: (line) => void logged.push(JSON.parse(line)) }), resources: Resource<Deps>[] = RESOURCES) =>
    mountMcp(to, { name: "chain", version: "1", instructions: "", tools: [], prompts: [review], resources, deps: () => ({ height: 7 }), log, metrics: createMetrics("chain"), allowedHosts: [] });
  const makeApp = (): HttpApp => createHttpApp({
    log: createLogger("chain", "silent"), metrics: createMetrics("chain"), missing: () => [], checkToken: () => ({ ok: true, claims: { sub: "user:ada", role: "reader", aud: ["*"] } }),
  });
  before(async () => {
    app = makeApp();
    mount(app);
    await app.listen({ host: "127.0.0.1", port: 0 });
    url = new URL(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/mcp`);
  });
  after(() => app.close());

  for (const era of ["modern", "legacy"] as const) {
    describe(`for a ${era} client`, () => {
      let client: Client;
      before(async () => {
        client = new Client({ name: "test", version: "1" }, era === "modern" ? { versionNegotiation: { mode: "auto" } } : {});
        await client.connect(new StreamableHTTPClientTransport(url));
      });
      after(() => client.close());

      it("are listed in order, templates apart, with the arguments that a prompt takes", async () => {
        const { prompts } = await client.listPrompts();
        assert.deepEqual(prompts[0]!.arguments, [{ name: "route", description: "Tokens in order.", required: true }, { name: "depth", description: "How much to say.", required: false }]);
        assert.deepEqual((await client.listResources()).resources.map(({ uri }) => uri), ["chain://away", "chain://bug", "chain://head", "chain://raw"]);
        assert.deepEqual((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate, mimeType }) => [uriTemplate, mimeType]), [["chain://block/{number}", "application/json"]]);
      });

      it("a prompt says what its arguments make of it, and whose it is; arguments that do not fit are named", async () => {
        const { messages } = await client.getPrompt({ name: "review_route", arguments: { route: "A-B" } });
        assert.deepEqual(messages, [{ role: "user", content: { type: "text", text: "user:ada: short A-B at 7" } }]);
        await assert.rejects(client.getPrompt({ name: "review_route", arguments: { depth: "deep" } }), /do not fit: route: .*; depth: /);
        await assert.rejects(client.getPrompt({ name: "review_route", arguments: { route: "A" } }), /at least two tokens/);
        await assert.rejects(client.getPrompt({ name: "nothing" }), /Unknown prompt nothing/);
      });

      it("a resource is text or bytes, by its URI or its template; one that is not there is not found", async () => {
        const read = async (uri: string) => (await client.readResource({ uri })).contents[0]!;
        assert.deepEqual(await read("chain://head"), { uri: "chain://head", mimeType: "text/plain", text: "7" });
        assert.equal((await read("chain://block/%37") as { text: string }).text, '{"number":"7"}');
        assert.equal((await read("chain://raw") as { blob: string }).blob, "AP8=");
        for (const uri of ["chain://block/8", "chain://other"]) await assert.rejects(read(uri), (error: { code?: number }) => error.code === -32_602 || error.code === -32_002);
      });

      it("a failure says what to do next, and a surprise nothing but its id", async () => {
        await assert.rejects(client.readResource({ uri: "chain://away" }), /does not answer\. Try again/);
        const surprise = await client.readResource({ uri: "chain://bug" }).then(() => "", (error: Error) => error.message);
        assert.doesNotMatch(surprise, /hunter2/);
        const id = /internal error, id ([0-9a-f-]{36})/.exec(surprise)![1];
        assert.ok(logged.some((line) => line["errorId"] === id && JSON.stringify(line).includes("hunter2")));
      });
    });
  }

  it("must not share a URI", () => {
    assert.throws(() => mount(makeApp(), undefined, [...RESOURCES, RESOURCES[0]!]), /are named chain:\/\/head/);
  });
});
