/** One universal-ctags process in interactive mode: a file's text goes in, its tags come out, nothing touches the disk. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { messageOf, Unavailable } from "../../../kit/errors.ts";
import { SOLIDITY_OPTIONS } from "./solidity-ctags.ts";
import type { CtagsTag } from "./symbols.ts";

export interface Tagger {
  /**
   * @param file any name with the extension that selects the parser
   * @returns null when the parser gave up on this text: it crashed or did not end in time
   * @throws {Unavailable} when ctags cannot be run at all
   */
  tags(file: string, text: string): Promise<CtagsTag[] | null>;
  close(): void;
}

const ARGUMENTS = [
  // First, so that no file of the machine or of an indexed repository changes the answer.
  "--options=NONE",
  "--_interactive=default",
  "--output-format=json",
  "--fields=+neZK-P",
  ...SOLIDITY_OPTIONS,
];

interface Session {
  child: ChildProcessWithoutNullStreams;
  lines: Interface;
}

/** Calls follow one another: start one per run. */
export class Ctags implements Tagger {
  readonly #command: string;
  readonly #timeoutMs: number;
  #session: Session | null = null;

  /** @param timeoutMs for one file; parsers take milliseconds, so this is met only by one that hangs */
  constructor(command = "ctags", timeoutMs = 5_000) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
  }

  async tags(file: string, text: string): Promise<CtagsTag[] | null> {
    this.#session ??= await this.#start();
    const { child, lines } = this.#session;
    const tags: CtagsTag[] = [];
    const completed = await new Promise<boolean>((resolve) => {
      const settle = (done: boolean): void => {
        clearTimeout(timer);
        lines.off("line", onLine).off("close", onClose);
        resolve(done);
      };
      const onClose = (): void => settle(false);
      const onLine = (line: string): void => {
        const message = JSON.parse(line) as { _type: string; command?: string } & CtagsTag;
        if (message._type === "tag") tags.push(message);
        else if (message._type === "completed") settle(true);
      };
      const timer = setTimeout(() => settle(false), this.#timeoutMs);
      lines.on("line", onLine).on("close", onClose);
      const content = Buffer.from(text);
      child.stdin.write(`${JSON.stringify({ command: "generate-tags", filename: file, size: content.length })}\n`);
      child.stdin.write(content);
    });
    if (completed) return tags;
    this.close();
    return null;
  }

  close(): void {
    this.#session?.child.kill("SIGKILL");
    this.#session?.lines.close();
    this.#session = null;
  }

  async #start(): Promise<Session> {
    const child = spawn(this.#command, ARGUMENTS, { stdio: "pipe" });
    // A write into a process that died shows as the closing of its output.
    child.stdin.on("error", () => {});
    child.stderr.resume();
    const lines = createInterface({ input: child.stdout });
    const greeting = await new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(messageOf(error)));
      lines.once("line", resolve).once("close", () => resolve("it ended at once"));
    });
    if (!greeting.includes('"_type": "program"') && !greeting.includes('"_type":"program"')) {
      child.kill("SIGKILL");
      throw new Unavailable(`universal-ctags with JSON output cannot be run as "${this.#command}": ${greeting}`);
    }
    return { child, lines };
  }
}
