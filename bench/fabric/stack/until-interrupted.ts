/** Runs a benchmark and clears up after it, also when somebody presses Ctrl-C. */

/** What must be ended, last started first. */
export type Closers = (() => Promise<unknown>)[];

/**
 * @param run pushes to `closers` what it starts, as it starts it
 * @returns only when everything is cleared up; ends the process with 130 after a signal
 */
export async function untilInterrupted(run: (closers: Closers) => Promise<void>): Promise<void> {
  const closers: Closers = [];
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => closing ??= (async () => {
    for (const closer of closers.toReversed()) await closer().catch((error: unknown) => console.error(String(error)));
  })();
  const onSignal = (): void => {
    console.error("interrupted: clearing up");
    void close().then(() => process.exit(130));
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await run(closers);
  } catch (error) {
    // What fails because it is being taken down says nothing.
    if (!closing) throw error;
  } finally {
    await close();
  }
}
