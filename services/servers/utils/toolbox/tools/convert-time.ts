import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { instantsOf, isoInZone, isZone, offsetMinutes } from "../time-zones.ts";

const MAX_MILLIS = 8_640_000_000_000_000;

const Anchor = z.strictObject({
  block: z.int().min(0).describe("Number of a block whose time is known."),
  unixSeconds: z.int().min(0).describe("Its timestamp, in seconds since 1970."),
  secondsPerBlock: z.number().positive().max(86_400).describe("Mean block interval in seconds; Ethereum: 12."),
});

/** Milliseconds since 1970 of an ISO 8601 text; one without an offset is wall time in the zone. */
function parseIso(text: string, zone: string, ambiguity: "earlier" | "later"): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text.trim());
  const wrong = new UserFault(`"${text}" is no time: give seconds or milliseconds since 1970, or ISO 8601 as in 2026-03-01T12:00:00Z.`);
  if (!match) throw wrong;
  const [, date, clock = "00:00", offset] = match;
  const millis = Date.parse(`${date}T${clock}${offset ? offset.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2") : "Z"}`);
  if (Number.isNaN(millis)) throw wrong;
  // Date.parse rolls a 30 February over into March; we say that it does not exist.
  if (new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) throw new UserFault(`${date} is not in the calendar: correct the day.`);
  if (offset) return millis;
  const instants = instantsOf(millis, zone);
  if (instants.length === 0) throw new UserFault(`In ${zone} the clock skipped ${date} ${clock}: give a time after the change, or add an offset such as +01:00.`);
  return ambiguity === "earlier" ? instants[0]! : instants.at(-1)!;
}

function unixMillis(number: number): number {
  // Seconds reach 10^11 in the year 5138; milliseconds passed it in 1973.
  return Math.abs(number) < 100_000_000_000 ? number * 1000 : number;
}

export const convertTime = defineTool<null>()({
  name: "convert_time",
  title: "Convert times",
  description: "Converts between Unix seconds or milliseconds, ISO 8601, wall time in any IANA zone, and (with an anchor) block numbers, estimated by the mean block interval.",
  input: z.strictObject({
    time: z.union([z.string().min(1).max(40), z.number()]).optional().describe("Unix seconds, or milliseconds from 10^11 up, or ISO 8601; ISO text without an offset is wall time in `zone`."),
    block: z.int().min(0).optional().describe("A block number to give the time of, instead of `time`; wants `anchor`."),
    zone: z.string().max(64).default("UTC").describe("IANA zone, as in Europe/Berlin."),
    ambiguity: z.enum(["earlier", "later"]).default("earlier").describe("Which instant to take where the clock was put back and shows a time twice."),
    anchor: Anchor.optional().describe("A known block, for conversion from and to block numbers."),
  }),
  output: z.object({
    unixSeconds: z.int().describe("Whole seconds since 1970, rounded down: what contracts compare with block.timestamp."),
    unixMillis: z.int().describe("Milliseconds since 1970."),
    iso: z.string().describe("The instant in UTC, ISO 8601."),
    inZone: z.string().describe("The instant on the zone's clock, with its offset."),
    offsetMinutes: z.number().describe("The zone's offset from UTC then, in minutes east."),
    weekday: z.string().describe("Day of the week in the zone."),
    estimatedBlock: z.int().nullable().describe("Last block at or before the instant by the anchor's interval; null without an anchor."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ time, block, zone, ambiguity, anchor }) {
    if (!isZone(zone)) throw new UserFault(`"${zone}" is not an IANA time zone: give one such as UTC, Europe/Berlin or America/New_York.`);
    if ((time === undefined) === (block === undefined)) throw new UserFault("Give exactly one of time and block.");
    if (block !== undefined && !anchor) throw new UserFault("A block number converts only by an anchor: give the number and time of a known block, and secondsPerBlock.");

    const numeric = typeof time === "string" && /^-?\d{5,}(\.\d+)?$/.test(time.trim()) ? Number(time) : time;
    const millis = Math.floor(
      block !== undefined ? (anchor!.unixSeconds + (block - anchor!.block) * anchor!.secondsPerBlock) * 1000
        : typeof numeric === "number" ? unixMillis(numeric)
          : parseIso(numeric!, zone, ambiguity));
    if (Math.abs(millis) > MAX_MILLIS) throw new UserFault(`${time ?? block} lies beyond the calendar (about ±270 000 years): check the unit.`);

    const estimate = anchor && Math.max(0, anchor.block + Math.floor((millis / 1000 - anchor.unixSeconds) / anchor.secondsPerBlock));
    return {
      unixSeconds: Math.floor(millis / 1000),
      unixMillis: millis,
      iso: new Date(millis).toISOString(),
      inZone: isoInZone(millis, zone),
      offsetMinutes: offsetMinutes(millis, zone),
      weekday: new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "long" }).format(millis),
      estimatedBlock: estimate ?? null,
    };
  },
});
