import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../testing/gateway-rig.ts";
import { Unreached, type CallControl } from "./connection.ts";
import { Connections } from "./connections.ts";

const answer = (body: string, ...headers: string[]): string => ["HTTP/1.1 200 OK", "Content-Type: a", `Content-Length: ${body.length}`, ...headers, "", body].join("\r\n");

/** Nothing is read, and no time limit is noticed, meanwhile. */
function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

interface Call {
  control: CallControl;
  /** `200 <type>: <body>`, or the error. */
  result: Promise<string | Error>;
}

describe("connections to a replica", () => {
  let server: Server;
  let connections: Connections;
  let sockets: Socket[];
  /** Requests as they came, by connection. */
  let seen: string[][];
  let onRequest: (socket: Socket, request: string) => void;
  const options = { connectMs: 300, idleMs: 5_000 };
  beforeEach(async () => {
    [sockets, seen] = [[], []];
    onRequest = (socket, request) => void socket.write(answer(request.split("\r\n\r\n")[1]!), "latin1");
    server = createServer((socket) => {
      const requests: string[] = [];
      sockets.push(socket);
      seen.push(requests);
      socket.on("error", () => undefined);
      let text = "";
      socket.on("data", (data) => {
        text += data.toString("latin1");
        const length = Number(/content-length: (\d+)/.exec(text)?.[1]);
        if (!(text.length >= text.indexOf("\r\n\r\n") + 4 + length)) return;
        requests.push(text);
        onRequest(socket, text);
        text = "";
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    connections = new Connections("127.0.0.1", (server.address() as AddressInfo).port, options);
  });
  afterEach(async () => {
    connections.destroy();
    await connections.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  function begin(body = "{}", { headers = ["x-a", "1"], onData }: { headers?: string[]; onData?: (control: CallControl, data: string) => void } = {}): Call {
    let control!: CallControl;
    const result = new Promise<string | Error>((resolve) => {
      let text = "";
      connections.dispatch({ path: "/mcp", headers, body }, {
        onStart: (own) => { control = own; },
        onHead: ({ status, type }) => { text += `${status} ${type}: `; },
        onData: (data) => {
          text += data.toString("latin1");
          onData?.(control, data.toString("latin1"));
        },
        onEnd: () => resolve(text),
        onError: resolve,
      });
    });
    return { control, result };
  }
  const call = (...of: Parameters<typeof begin>): Promise<string | Error> => begin(...of).result;
  const open = (): number => sockets.filter(({ destroyed }) => !destroyed).length;

  it("carry a call as it is, and one after the other on the same connection", async () => {
    for (const body of ["one", "two", "tä😀"]) assert.equal(await call(body), `200 a: ${Buffer.from(body).toString("latin1")}`);
    assert.equal(sockets.length, 1);
    const { port } = server.address() as AddressInfo;
    assert.equal(seen[0]![0], `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 3\r\nx-a: 1\r\n\r\none`);
    assert.equal(Buffer.from(seen[0]![2]!, "latin1").toString(), `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 7\r\nx-a: 1\r\n\r\ntä😀`);
  });

  it("keep a header's bytes as they are beside a body in UTF-8", async () => {
    await call("ä", { headers: ["baggage", "a=\xe4"] });
    assert.match(seen[0]![0]!, /baggage: a=\xe4\r\n\r\n\xc3\xa4$/);
  });

  it("write no header that would be two, and nothing of its call", async () => {
    for (const value of ["a\r\nx-evil: 1", "a\nb", "\u0100"]) assert.match(String(await call("{}", { headers: ["x-a", value] })), /Invalid character/);
    assert.equal(await call(), "200 a: {}");
    assert.equal(seen.flat().length, 1);
  });

  it("are as many as there are calls", async () => {
    onRequest = (socket, request) => void setTimeout(() => socket.write(answer(request.at(-1)!)), 30);
    const answers = await Promise.all(["1", "2", "3"].map((body) => call(body)));
    assert.deepEqual([answers, sockets.length], [["200 a: 1", "200 a: 2", "200 a: 3"], 3]);
    await call("4");
    assert.equal(sockets.length, 3);
  });

  for (const [what, reply] of [
    ["says that it closes", answer("a", "Connection: close")], ["keeps no connection so long", answer("a", "Keep-Alive: timeout=1")],
    ["sends more than it announced", `${answer("a")}HTTP/1.1 200 OK\r\n`], ["closes behind its answer", "HTTP/1.1 200 OK\r\nContent-Type: a\r\n\r\na"],
  ] as const) {
    it(`of a replica that ${what} are used once`, async () => {
      onRequest = (socket) => { if (reply.endsWith("\r\n\r\na") && !reply.includes("Length")) socket.end(reply); else socket.write(reply); };
      assert.deepEqual([await call(), await call()], ["200 a: a", "200 a: a"]);
      assert.equal(sockets.length, 2);
    });
  }

  it("that were closed while nobody called are not used, and no call meets them", async () => {
    await call();
    sockets[0]!.end();
    await eventually(open, (count) => count === 0);
    assert.equal(await call(), "200 a: {}");
    await connections.close();
  });

  it("that speak without being asked are not believed", async () => {
    await call();
    sockets[0]!.write(answer("of somebody else"));
    await eventually(open, (count) => count === 0);
    assert.equal(await call("mine"), "200 a: mine");
  });

  it("that break once a call is written have carried it: it fails, and is not written again", async () => {
    for (const breaks of [(socket: Socket) => socket.resetAndDestroy(), (socket: Socket) => socket.end(), (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")]) {
      onRequest = breaks;
      const error = await call();
      assert.ok(error instanceof Error && !(error instanceof Unreached), String(error));
    }
    // A connection that is used again and closed in that moment is the same case.
    onRequest = (socket, request) => { if (seen.flat().length === 4) socket.write(answer(request.slice(-2))); else socket.destroy(); };
    assert.equal(await call(), "200 a: {}");
    const error = await call();
    assert.ok(error instanceof Error && !(error instanceof Unreached), String(error));
    assert.equal(seen.flat().length, 5);
  });

  it("that do not come about have carried nothing", async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
    connections = new Connections("127.0.0.1", port, options);
    assert.ok(await call() instanceof Unreached);
  });

  it("that take too long to come about have carried nothing", async () => {
    connections = new Connections("127.0.0.1", (server.address() as AddressInfo).port, { ...options, connectMs: 1 });
    const { result } = begin();
    block(20);
    const error = await result;
    assert.ok(error instanceof Unreached, String(error));
    assert.match(error.message, /took no connection within 1 ms/);
  });

  it("are given up with the call that is aborted, once, and carry nothing of it any more", async () => {
    onRequest = (socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Type: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n");
    const pieces: string[] = [];
    const error = await call("{}", { onData: (control, data) => { pieces.push(data); control.abort(new Error("enough")); control.abort(new Error("twice")); } });
    assert.deepEqual([String(error), pieces], ["Error: enough", ["ab"]]);
    await eventually(open, (count) => count === 0);
    const early = begin();
    early.control.abort(new Error("at once"));
    assert.match(String(await early.result), /at once/);
  });

  it("are not another call's to give up, to hold or to let go once they have its answer", async () => {
    const first = begin("1");
    assert.equal(await first.result, "200 a: 1");
    onRequest = (socket) => void setTimeout(() => socket.write(answer("late")), 50);
    const second = begin("2");
    first.control.pause();
    first.control.abort(new Error("the first one's client has gone"));
    assert.equal(await second.result, "200 a: late");
    assert.equal(sockets.length, 1);
  });

  it("hold what comes while the client cannot take it", async () => {
    const body = "x".repeat(8 * 1024 * 1024);
    onRequest = (socket) => void socket.write(answer(body));
    let bytes = 0;
    let held: CallControl | null = null;
    const { result } = begin("{}", { onData: (control, data) => { bytes += data.length; if (!held) (held = control).pause(); } });
    await eventually(() => bytes, (now) => now > 0);
    const before = bytes;
    await sleep(100);
    assert.ok(bytes === before && bytes < body.length / 2, `${bytes} bytes`);
    held!.resume();
    assert.equal((await result as string).length, "200 a: ".length + body.length);
    assert.equal(await call(), `200 a: ${body}`, "and the connection goes on");
  });

  it("that nobody needs are closed in time", async () => {
    connections = new Connections("127.0.0.1", (server.address() as AddressInfo).port, { ...options, idleMs: 80 });
    await call();
    block(100);
    await call();
    assert.equal(sockets.length, 2, "too old, though nobody has closed it yet");
    await eventually(open, (count) => count === 0, 1_000);
  });

  it("let calls under way end when they are closed, and begin none", async () => {
    onRequest = (socket, request) => void setTimeout(() => socket.write(answer(request.at(-1)!)), 60);
    const under = call("1");
    await eventually(() => seen.flat().length, (count) => count === 1);
    const closed = connections.close();
    assert.ok(await call() instanceof Unreached);
    assert.equal(await under, "200 a: 1");
    await closed;
    await eventually(open, (count) => count === 0);
  });

  it("survive a caller who fails at the end of its answer", async () => {
    const error = await new Promise((resolve) => connections.dispatch({ path: "/mcp", headers: [], body: "a" }, {
      onStart: () => undefined, onHead: () => undefined, onData: () => undefined, onEnd: () => { throw new Error("mine"); }, onError: resolve,
    }));
    assert.match(String(error), /mine/);
    assert.equal(await call(), "200 a: {}");
  });
});
