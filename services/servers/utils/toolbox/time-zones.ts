/** Wall-clock time in IANA zones, by the zone data that ships with Node. */

const FIELDS = ["year", "month", "day", "hour", "minute", "second"] as const;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let known = formatters.get(zone);
  if (!known) {
    known = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", calendar: "iso8601", numberingSystem: "latn", era: "short",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    formatters.set(zone, known);
  }
  return known;
}

export function isZone(zone: string): boolean {
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the zone's clock shows at an instant, as milliseconds since 1970 of a clock that ran on UTC. */
function wallMillis(epochMillis: number, zone: string): number {
  const parts = Object.fromEntries(formatter(zone).formatToParts(epochMillis).map((part) => [part.type, part.value]));
  const [year, month, day, hour, minute, second] = FIELDS.map((field) => Number(parts[field])) as [number, number, number, number, number, number];
  const wall = new Date(0);
  wall.setUTCFullYear(parts.era === "BC" ? 1 - year : year, month - 1, day);
  wall.setUTCHours(hour, minute, second);
  return wall.getTime() + (((epochMillis % 1000) + 1000) % 1000);
}

/** Minutes east of UTC; fractional before zones were standardised. */
export function offsetMinutes(epochMillis: number, zone: string): number {
  return (wallMillis(epochMillis, zone) - epochMillis) / 60_000;
}

/**
 * The instants at which the zone's clock shows a wall time: one, none (a clock that was put forward skips an hour),
 * or two (put back, it shows an hour twice), earlier first.
 *
 * @param wall the wall time as milliseconds since 1970 of a clock on UTC
 */
export function instantsOf(wall: number, zone: string): number[] {
  const dayMillis = 86_400_000;
  const offsets = new Set([wall - dayMillis, wall, wall + dayMillis].map((near) => offsetMinutes(near, zone)));
  return [...offsets].map((offset) => wall - offset * 60_000).filter((instant) => wallMillis(instant, zone) === wall).sort((a, b) => a - b);
}

/** `2026-03-01T12:00:00.000+01:00` */
export function isoInZone(epochMillis: number, zone: string): string {
  const offset = Math.round(offsetMinutes(epochMillis, zone));
  const clock = new Date(epochMillis + offset * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(offset);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${clock}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
