/** How a verb ends when it does not end well; main.ts prints the message and exits with the code. */
export class Failure extends Error {
  override name = "Failure";
  /** 1 failed, 2 wrong usage or configuration, 3 a prerequisite is missing. */
  readonly exitCode: 1 | 2 | 3;

  constructor(exitCode: 1 | 2 | 3, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The work was begun and failed; running the verb again goes on from there. */
export const failed = (message: string, options?: ErrorOptions): Failure => new Failure(1, message, options);
/** The caller's words or configuration are wrong; nothing was changed. */
export const misused = (message: string): Failure => new Failure(2, message);
/** Something the machine must have is missing; the message ends with the remedy. Nothing was changed. */
export const missing = (message: string): Failure => new Failure(3, message);
