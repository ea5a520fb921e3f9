import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { clash, listeners, owners, parseListeners } from "./listeners.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state: string, inode: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100 0 0 10 0\n`;

describe("listeners of the host", () => {
  it("reads address, port and inode of listening sockets, and no others", () => {
    assert.deepEqual(parseListeners(HEADER + row("0100007F:1538", "0A", "77") + row("0100007F:1538", "01", "78")),
      [{ ip: "127.0.0.1", port: 5432, inode: "77" }]);
  });

  it("reads IPv6 addresses as far as clashes need them", () => {
    const table = HEADER + row("00000000000000000000000000000000:0050", "0A", "1")
      + row("0000000000000000FFFF00000100007F:0051", "0A", "2") + row("00000000000000000000000001000000:0052", "0A", "3");
    assert.deepEqual(parseListeners(table).map(({ ip, port }) => [ip, port]), [["::", 80], ["127.0.0.1", 81], ["::1", 82]]);
  });

  it("knows which addresses exclude each other", () => {
    assert.ok(clash({ ip: "127.0.0.1", port: 80 }, { ip: "0.0.0.0", port: 80 }));
    assert.ok(clash({ ip: "127.0.0.1", port: 80 }, { ip: "::", port: 80 }));
    assert.ok(clash({ ip: "0.0.0.0", port: 80 }, { ip: "10.0.0.5", port: 80 }));
    assert.ok(!clash({ ip: "127.0.0.1", port: 80 }, { ip: "10.0.0.5", port: 80 }));
    assert.ok(!clash({ ip: "127.0.0.1", port: 80 }, { ip: "127.0.0.1", port: 81 }));
    assert.ok(!clash({ ip: "127.0.0.1", port: 80 }, { ip: "::1", port: 80 }));
  });

  describe("on this machine", () => {
    let server: Server;
    let port: number;
    before(async () => {
      server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      port = (server.address() as { port: number }).port;
    });
    after(() => { server.close(); });

    it("finds this process behind the port it holds", () => {
      const mine = listeners().filter((listener) => listener.port === port);
      assert.equal(mine.length, 1);
      assert.equal(owners(new Set([mine[0]!.inode])).get(mine[0]!.inode)?.pid, process.pid);
    });
  });
});
