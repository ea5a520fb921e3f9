/** The kill switch as people set it: who, when and why stand in its value. Any value but `clear` stops trading. */
import { z } from "zod";
import { KILL_SWITCH_CLEAR, KILL_SWITCH_KEY } from "../../../../contract/trading.ts";
import { messageOf, Unavailable } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";

/** What a stop of this server's holds; a value that somebody else wrote is text. */
const Stop = z.strictObject({ by: z.string(), at: z.iso.datetime(), reason: z.string() });

export const KillSwitchView = z.object({
  state: z.enum(["clear", "set"]),
  by: z.string().nullable().describe("Who set it; null where it is clear, or was not set by stop_trading."),
  at: z.string().nullable().describe("When, ISO 8601."),
  reason: z.string().nullable().describe("Why; the bare value where it was not set by stop_trading."),
});

const CLEAR: z.input<typeof KillSwitchView> = { state: "clear", by: null, at: null, reason: null };

const away = (error: unknown): Unavailable =>
  new Unavailable(`etcd does not answer: ${messageOf(error)}. While it cannot be asked, the kill switch counts as set, and nothing is traded.`, { cause: error });

/** @throws {Unavailable} */
export async function readKillSwitch({ etcd }: Deps): Promise<z.input<typeof KillSwitchView>> {
  const { entries } = await etcd.range(KILL_SWITCH_KEY).catch((error: unknown) => { throw away(error); });
  const value = entries.find(({ key }) => key === KILL_SWITCH_KEY)?.value;
  if (value === undefined || value === KILL_SWITCH_CLEAR) return CLEAR;
  try {
    return { state: "set", ...Stop.parse(JSON.parse(value)) };
  } catch {
    return { state: "set", by: null, at: null, reason: value.slice(0, 500) };
  }
}

/** @param stop null clears it @throws {Unavailable} */
export async function writeKillSwitch({ etcd, now }: Deps, stop: { by: string; reason: string } | null): Promise<void> {
  const value = stop === null ? KILL_SWITCH_CLEAR : JSON.stringify({ ...stop, at: now().toISOString() });
  await etcd.put(KILL_SWITCH_KEY, value).catch((error: unknown) => { throw away(error); });
}
