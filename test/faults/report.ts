/** What the suite prints. Pure. */
import { table } from "../../ops/cli/table.ts";
import { RULES, type Rule, type Verdict } from "./checker.ts";
import type { InFlight } from "./truth.ts";

export interface Figures extends InFlight {
  fault: string;
  /** Acknowledged a second, lately. */
  rate: number;
  /** Acknowledged in all. */
  acknowledged: number;
}

export interface Struck extends Figures {
  recoverySeconds: number;
}

const whole = (count: number): string => count.toLocaleString("en");

export const loadLine = ({ active, pending, rate, acknowledged }: Figures): string =>
  `load: ${whole(active)} in flight, ${whole(pending)} waiting, ${rate.toFixed(0)} acknowledged/s, ${whole(acknowledged)} in all`;

export const faultTable = (struck: readonly Struck[]): string => table(
  ["FAULT", "IN FLIGHT", "WAITING", "ACKNOWLEDGED/S", "IN ALL", "WORKS AGAIN AFTER"],
  struck.map(({ fault, active, pending, rate, acknowledged, recoverySeconds }) =>
    [fault, whole(active), whole(pending), rate.toFixed(0), whole(acknowledged), `${recoverySeconds.toFixed(1)} s`]),
);

export const verdictTable = ({ totals, violations }: Verdict): string => [
  table(["TOTAL", "COUNT"], Object.entries(totals).map(([name, count]) => [name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), whole(count)])),
  "",
  table(["MUST NOT HAPPEN", "COUNT"], (Object.keys(RULES) as Rule[]).map((rule) => [RULES[rule], whole(violations[rule].length)])),
].join("\n");
