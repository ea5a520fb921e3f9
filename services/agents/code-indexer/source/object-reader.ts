/** Reads blobs out of a repository through one `git cat-file --batch`. */
import type { Readable, Writable } from "node:stream";
import { killGroup, type Git } from "./git.ts";

/** Calls follow one another. */
export class ObjectReader {
  readonly #pid: number | undefined;
  readonly #stdin: Writable;
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(git: Git, repository: string) {
    const child = git.start(["cat-file", "--batch"], repository);
    child.stderr.resume();
    this.#pid = child.pid;
    this.#stdin = child.stdin;
    this.#chunks = (child.stdout as Readable)[Symbol.asyncIterator]();
  }

  /** @throws when the repository has no such object */
  async read(sha1: string): Promise<Buffer> {
    this.#stdin.write(`${sha1}\n`);
    let end: number;
    while ((end = this.#buffer.indexOf(10)) < 0) await this.#more(sha1);
    const header = this.#buffer.subarray(0, end).toString();
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(header)?.[1];
    if (size === undefined) throw new Error(`git cat-file: ${header}`);
    const total = end + 1 + Number(size) + 1;
    while (this.#buffer.length < total) await this.#more(sha1);
    const content = Buffer.from(this.#buffer.subarray(end + 1, total - 1));
    this.#buffer = this.#buffer.subarray(total);
    return content;
  }

  close(): void {
    killGroup(this.#pid);
  }

  async #more(sha1: string): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new Error(`git cat-file ended before it gave ${sha1}`);
    this.#buffer = Buffer.concat([this.#buffer, value]);
  }
}
