/** Mocha's spec reporter, which also leaves its counts in the file named by the reporter option `summary`. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export interface RunSummary {
  passed: number;
  failed: number;
  pending: number;
  durationMs: number;
  /** Full titles of what failed or is pending. */
  trouble: string[];
}

export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
    const trouble: string[] = [];
    runner.on(EVENT_TEST_FAIL, (test: Mocha.Test) => trouble.push(test.fullTitle()));
    runner.on(EVENT_TEST_PENDING, (test: Mocha.Test) => trouble.push(`${test.fullTitle()} (pending)`));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending, duration } = this.stats;
      const summary: RunSummary = { passed: passes, failed: failures, pending, durationMs: duration ?? 0, trouble };
      writeFileSync(String(options.reporterOptions.summary), JSON.stringify(summary));
    });
  }
}
