import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { tokenOf } from "../../services/hub/gateway/testing/gateway-rig.ts";
import { CLIENTS } from "./clients.ts";
import type { Session } from "./outside-client.ts";
import { startRealServers, type RealServers } from "./servers.ts";

const KECCAK_OF_ABC = "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45";

describe("clients that other people wrote, through the gateway", function () {
  this.timeout(60_000);
  let servers: RealServers;
  const revisions = new Set<unknown>();
  before(async () => {
    servers = await startRealServers();
    servers.rig.app.server.on("request", ({ method, headers }: IncomingMessage) => {
      if (method === "POST" && headers["mcp-protocol-version"] !== undefined) revisions.add(headers["mcp-protocol-version"]);
    });
  });
  after(() => servers.stop());

  for (const { name, revision, asksOnlyForListed, open } of CLIENTS) {
    describe(name, () => {
      let session: Session;
      const sessions: Session[] = [];
      const as = async (token: string): Promise<Session> => {
        const opened = await open(servers.rig.url, token);
        sessions.push(opened);
        return opened;
      };
      before(async () => {
        revisions.clear();
        session = await as(tokenOf({ sub: "user:outside", role: "admin" }));
      });
      after(() => Promise.all(sessions.map((opened) => opened.close())));

      it("lists the tools of all servers", async () => {
        assert.deepEqual(await session.tools(), servers.tools);
      });

      it("calls tools of each of them, and reads their data", async () => {
        assert.deepEqual(await session.call("toolbox.hash_data", { data: "abc" }), { data: { hash: KECCAK_OF_ABC, inputBytes: 3 } });
        const told = await session.call("contract-workbench.encode_call", { function: "baz(uint32 x, bool y)", args: [69, true] });
        assert.equal((told as { data: { selector: string } }).data.selector, "0xcdcd77c0");
      });

      it(`speaks ${revision} with the gateway`, () => {
        assert.deepEqual([...revisions], [revision]);
      });

      it("hands on what a tool says about a mistake of the caller", async () => {
        const told = await session.call("toolbox.hash_data", { data: "abc", encoding: "hex" });
        assert.match((told as { error: string }).error, /data is not hex: give an even number of hex digits, or set encoding to utf8\.$/);
      });

      it("hands on that what a server depends on is away", async () => {
        const told = await session.call("contract-workbench.verify_bytecode", { address: `0x${"11".repeat(20)}`, sources: { "A.sol": "contract A {}" }, contract: "A.sol:A" });
        assert.match((told as { error: string }).error, /Try again in a few seconds\.$/);
      });

      it("is told by name of a tool that is not there", async () => {
        const told = asksOnlyForListed ? /toolbox\.boil_water/ : /Unknown tool toolbox\.boil_water; tools\/list names those there are now/;
        await assert.rejects(session.call("toolbox.boil_water", {}), told);
      });

      it("sees, and may call, no more than its token allows", async () => {
        const narrow = await as(tokenOf({ sub: "user:narrow", role: "reader", tools: ["toolbox.hash_data", "contract-workbench.deploy_contract"] }));
        assert.deepEqual(await narrow.tools(), ["contract-workbench.deploy_contract", "toolbox.hash_data"]);
        assert.ok("data" in await narrow.call("toolbox.hash_data", { data: "abc" }));
        const told = await narrow.call("contract-workbench.deploy_contract", { bytecode: "0x00", from: `0x${"22".repeat(20)}` });
        assert.match((told as { error: string }).error, /reader/);
      });

      it("is refused with a token that is not of this stack", async () => {
        await assert.rejects(async () => (await as("not-a-token")).tools(), /401|[Uu]nauthorized|requires authorization/);
      });
    });
  }

  describe("and what they did", () => {
    it("shows in the audit log, under their names", () => {
      const rows = new Set(servers.rig.audit().map(({ caller, outcome }) => `${caller} ${outcome}`));
      assert.deepEqual([...rows].sort(), ["user:narrow ok", "user:narrow refused", "user:outside ok", "user:outside tool_error"]);
    });
  });
});
