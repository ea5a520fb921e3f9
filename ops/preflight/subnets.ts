/** Overlap of a stack's subnet with networks of the engine and routes of the host. Pure. */
import { parseSubnet } from "../../contract/settings.ts";

export interface Route { subnet: string; device: string }

/** Reads /proc/net/route, leaving out the default route. */
export function parseRoutes(table: string): Route[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [device, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (!device || !destination || !mask || mask === "00000000") return [];
    const bytes = (hex: string) => [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const prefix = bytes(mask).reduce((bits, byte) => bits + byte.toString(2).replaceAll("0", "").length, 0);
    return [{ subnet: `${bytes(destination).join(".")}/${prefix}`, device }];
  });
}

/** Do two IPv4 networks in CIDR form share an address? False for what is none, as in IPv6. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [parseSubnet(a), parseSubnet(b)];
  return one !== null && other !== null && one.first <= other.last && other.first <= one.last;
}
