/** What the command line says while it works. Everything goes to standard error; standard output is for results. */

export interface Ui {
  /** A line that stays. Left out with --quiet. */
  say(line: string): void;
  /** What is going on just now: one line that is overwritten on a terminal, nothing elsewhere. */
  progress(line: string): void;
  /** A line that stays, also with --quiet. */
  warn(line: string): void;
  /** Asks on the terminal; false where there is none. */
  ask(question: string): Promise<boolean>;
}

interface Streams {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

export function terminalUi(quiet: boolean, streams: Streams = { input: process.stdin, output: process.stderr }): Ui {
  const { input, output } = streams;
  const live = Boolean(output.isTTY) && !quiet;
  let transient = false;
  const line = (text: string) => {
    output.write(`${transient ? "\r\x1b[2K" : ""}${text}\n`);
    transient = false;
  };
  return {
    say: (text) => { if (!quiet) line(text); },
    warn: line,
    progress(text) {
      if (!live) return;
      output.write(`\r\x1b[2K${text.slice(0, Math.max(20, (output.columns ?? 80) - 1))}`);
      transient = text !== "";
    },
    ask(question) {
      if (!input.isTTY) return Promise.resolve(false);
      if (transient) output.write("\r\x1b[2K");
      transient = false;
      output.write(`${question} [y/N] `);
      return new Promise((resolve) => {
        input.setEncoding("utf8").resume();
        input.once("data", (answer) => {
          input.pause();
          resolve(/^y(es)?$/i.test(String(answer).trim()));
        });
        input.once("end", () => resolve(false));
      });
    },
  };
}
