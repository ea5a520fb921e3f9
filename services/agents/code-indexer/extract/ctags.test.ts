import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable } from "../../../kit/errors.ts";
import { Ctags } from "./ctags.ts";

/** Speaks ctags' interactive protocol: tags every word `tag:<name>`, hangs at `hang`, dies at `die`, warns at `warn`. */
const FAKE = `#!${process.execPath}
console.log('{"_type": "program", "name": "Universal Ctags", "version": "fake"}');
let buffer = Buffer.alloc(0);
process.stdin.on("data", (part) => {
  buffer = Buffer.concat([buffer, part]);
  for (;;) {
    const end = buffer.indexOf(10);
    if (end < 0) return;
    const { size } = JSON.parse(buffer.subarray(0, end));
    if (buffer.length < end + 1 + size) return;
    const text = buffer.subarray(end + 1, end + 1 + size).toString();
    buffer = buffer.subarray(end + 1 + size);
    if (text === "hang") continue;
    if (text === "die") process.exit(1);
    if (text === "warn") console.log('{"_type": "error", "message": "odd input", "warning": true}');
    for (const [, name] of text.matchAll(/tag:(\\S+)/g)) console.log(JSON.stringify({ _type: "tag", name, line: 1, kind: "function" }));
    console.log('{"_type": "completed", "command": "generate-tags"}');
  }
});
`;

describe("Ctags", function () {
  // Each test starts programs, which a busy machine may keep waiting.
  this.timeout(30_000);
  let folder: string;
  let ctags: Ctags;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "ctags-test-"));
    await writeFile(join(folder, "ctags"), FAKE);
    await chmod(join(folder, "ctags"), 0o755);
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(() => ctags.close());

  const names = async (text: string): Promise<string[] | undefined> => (await ctags.tags("x.ts", text))?.map(({ name }) => name);

  it("answers one file after the other from the same process", async () => {
    ctags = new Ctags(join(folder, "ctags"));
    assert.deepEqual(await names("tag:one tag:zwölf"), ["one", "zwölf"]);
    assert.deepEqual(await names("warn"), []);
    assert.deepEqual(await names("tag:three"), ["three"]);
  });
  it("gives up on a file that hangs the parser and goes on with the next", async () => {
    ctags = new Ctags(join(folder, "ctags"), 500);
    assert.equal(await names("hang"), undefined);
    assert.deepEqual(await names("tag:next"), ["next"]);
  });
  it("gives up on a file that kills the parser and goes on with the next", async () => {
    ctags = new Ctags(join(folder, "ctags"));
    assert.equal(await names("die"), undefined);
    assert.deepEqual(await names("tag:next"), ["next"]);
  });
  it("says so where ctags is not installed", async () => {
    ctags = new Ctags(join(folder, "no-such-program"));
    await assert.rejects(ctags.tags("x.ts", ""), (error: Error) => error instanceof Unavailable && /universal-ctags .* cannot be run .*no-such-program/.test(error.message));
  });
});
