import assert from "node:assert/strict";
import fc from "fast-check";
import { BadResponse, ResponseReader } from "./response-reader.ts";

/** What a reader makes of pieces, and of the connection's end where `closed`. */
function read(pieces: readonly Buffer[], closed = false): string {
  const seen = { head: "", body: Buffer.alloc(0), end: "" };
  const reader = new ResponseReader({
    onHead: ({ status, type, length }) => { seen.head += `${status} ${type} ${length}`; },
    onData: (data) => { seen.body = Buffer.concat([seen.body, data]); },
    onEnd: (reusableMs) => { seen.end += ` | ${reusableMs}`; },
  });
  try {
    for (const piece of pieces) reader.push(piece);
    if (closed) reader.finish();
  } catch (error) {
    assert.ok(error instanceof BadResponse, String(error));
    return `${seen.end === "" ? "" : "ended, then "}${error.message}`;
  }
  return `${seen.head} | ${seen.body.toString("latin1")}${seen.end}`;
}
const all = (text: string, closed = false): string => read([Buffer.from(text, "latin1")], closed);
const ok = (headers: string, body = "", line = "HTTP/1.1 200 OK"): string => `${line}\r\n${headers.split("\n").filter(Boolean).map((header) => `${header}\r\n`).join("")}\r\n${body}`;

const GOOD: [what: string, text: string, closed: boolean, expected: string][] = [
  ["with a length", ok("Content-Type: application/json\nContent-Length: 2", "{}"), false, "200 application/json 2 | {} | Infinity"],
  ["in chunks", ok("Transfer-Encoding: Chunked\ncontent-type:a", "3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n"), false, "200 a null | abc0123456789 | Infinity"],
  ["in chunks, with trailers", ok("transfer-encoding: chunked", "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n"), false, "200  null | a | Infinity"],
  ["until the connection closes", ok("Content-Type: a", "all of it"), true, "200 a null | all of it | 0"],
  ["without a body", ok("Content-Length: 0"), false, "200  0 |  | Infinity"],
  ["that has none by its status", ok("", "", "HTTP/1.1 204 No Content"), false, "204  null |  | Infinity"],
  ["behind interim ones", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok("Content-Length: 1", "a")}`, false, "200  1 | a | Infinity"],
  ["whose server closes", ok("Content-Length: 1\nConnection: keep-alive\nConnection: x, Close", "a"), false, "200  1 | a | 0"],
  ["whose server closes soon", ok("Content-Length: 1\nKeep-Alive: max=5, timeout=5", "a"), false, "200  1 | a | 4000"],
  ["whose server closes at once", ok("Content-Length: 1\nKeep-Alive: timeout=1", "a"), false, "200  1 | a | 0"],
  ["of HTTP/1.0", ok("Content-Length: 1", "a", "HTTP/1.0 200"), false, "200  1 | a | 0"],
  ["with bytes beyond ASCII", ok("Content-Length: 2\nX-Name: \xe4", "\xff\x00"), false, "200  2 | \xff\x00 | Infinity"],
];

describe("a response", () => {
  for (const [what, text, closed, expected] of GOOD) it(`${what} is read`, () => assert.equal(all(text, closed), expected));

  it("is the same however it is cut", () => {
    fc.assert(fc.property(fc.constantFrom(...GOOD), fc.array(fc.nat({ max: 200 }), { maxLength: 12 }), ([, text, closed, expected], cuts) => {
      const bytes = Buffer.from(text, "latin1");
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      assert.equal(read(at.slice(1).map((to, n) => bytes.subarray(at[n], to)), closed), expected);
    }), { numRuns: 1_000 });
    for (const [, text, closed, expected] of GOOD) assert.equal(read([...Buffer.from(text, "latin1")].map((byte) => Buffer.from([byte])), closed), expected);
  });

  const bad: [what: string, text: string, expected: RegExp][] = [
    ["with two lengths", ok("Content-Length: 1\nContent-Length: 1", "a"), /content-length twice/],
    ["with a list of lengths", ok("Content-Length: 1, 1", "a"), /length of its answer is none/],
    ["with a length below nothing", ok("Content-Length: -1"), /length of its answer is none/],
    ["with a length in words", ok("Content-Length: 0x10"), /length of its answer is none/],
    ["with a length and chunks", ok("Content-Length: 1\nTransfer-Encoding: chunked", "1\r\na\r\n0\r\n\r\n"), /two ways/],
    ["in a coding that is not known", ok("Transfer-Encoding: gzip, chunked"), /two ways/],
    ["of chunks that are longer than they say", ok("Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n"), /longer than it says/],
    ["of chunks without a length", ok("Transfer-Encoding: chunked", "x\r\n"), /length of a chunk is none/],
    ["of a chunk of a length beyond reason", ok("Transfer-Encoding: chunked", "fffffffff\r\n"), /length of a chunk is none/],
    ["with a folded header", ok("X: a\n b"), /header of its answer is none/],
    ["with a space before the colon", ok("Content-Length : 1", "a"), /header of its answer is none/],
    ["with bare line feeds", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 1\r\n\r\na", /header of its answer is none/],
    ["with a zero byte in a header", ok("A: b\0"), /header of its answer is none/],
    ["of another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", /no HTTP\/1\.1/],
    ["of another version", ok("", "", "HTTP/2.0 200 OK"), /no HTTP\/1\.1/],
    ["of a status that is none", ok("", "", "HTTP/1.1 099 No"), /no HTTP\/1\.1/],
    ["that changes the protocol", ok("Upgrade: h2c", "", "HTTP/1.1 101 Switching"), /another protocol/],
    ["with headers without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(17_000)}`, /more than 16384 bytes/],
    ["behind interim ones without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000), /more than 16384 bytes/],
    ["with trailers without end", ok("Transfer-Encoding: chunked", `0\r\n${"X: y\r\n".repeat(4_000)}`), /more than 16384 bytes/],
    ["with a trailer that is none", ok("Transfer-Encoding: chunked", "0\r\nx\r\n\r\n"), /trailer is none/],
    ["with more behind it", ok("Content-Length: 1", "ab"), /^ended, then it sent more/],
  ];
  for (const [what, text, expected] of bad) it(`${what} is refused`, () => assert.match(all(text), expected));

  const cut: [what: string, text: string, expected: RegExp][] = [
    ["nothing of it", "", /before it answered/],
    ["some of its headers", "HTTP/1.1 200 OK\r\nContent-", /before it answered/],
    ["an interim one", "HTTP/1.1 100 Continue\r\n\r\n", /before it answered/],
    ["some of its body", ok("Content-Length: 3", "ab"), /in the middle/],
    ["all but its last chunk", ok("Transfer-Encoding: chunked", "1\r\na\r\n"), /in the middle/],
    ["all but the end of its trailers", ok("Transfer-Encoding: chunked", "0\r\n"), /in the middle/],
  ];
  for (const [what, text, expected] of cut) it(`of which came ${what} when the connection closed is none`, () => assert.match(all(text, true), expected));

  it("that is no response is refused, and nothing else happens", () => {
    const mutated = fc.tuple(fc.constantFrom(...GOOD), fc.array(fc.tuple(fc.nat({ max: 120 }), fc.constantFrom("\r", "\n", "\r\n", "0", ":", " ", "\0", "f", "\xff", ";")), { minLength: 1, maxLength: 4 }))
      .map(([[, text], changes]) => changes.reduce((before, [at, put]) => before.slice(0, at) + put + before.slice(at + put.length), text));
    fc.assert(fc.property(fc.oneof(mutated, fc.string()), (text) => void all(text, true)), { numRuns: 3_000 });
  });
});
