/** Who listens on which TCP port of this host, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Listener { ip: string; port: number; inode: string }
export interface Owner { pid: number; program: string }

const LISTEN = "0A";

/** Reads /proc/net/tcp or tcp6. Pure. Addresses there are 32-bit words in the host's byte order. */
export function parseListeners(table: string): Listener[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (!local || state !== LISTEN || !inode) return [];
    const [address, port] = local.split(":") as [string, string];
    return [{ ip: address.length === 8 ? ipv4(address) : ipv6(address), port: Number.parseInt(port, 16), inode }];
  });
}

function ipv4(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
}

/** Only as much as clashes need: `::` for any address, the IPv4 address within a mapped one, else a form to show. */
function ipv6(hex: string): string {
  if (/^0+$/.test(hex)) return "::";
  if (hex.startsWith("0000000000000000FFFF0000")) return ipv4(hex.slice(24));
  return hex === "00000000000000000000000001000000" ? "::1" : `[${hex}]`;
}

/** May both be bound at once? `::` takes IPv4 too, as Linux has it by default. */
export function clash(a: { ip: string; port: number }, b: { ip: string; port: number }): boolean {
  const any = (ip: string) => ip === "0.0.0.0" || ip === "::";
  return a.port === b.port && (a.ip === b.ip || any(a.ip) || any(b.ip));
}

export function listeners(): Listener[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
    try { return parseListeners(readFileSync(file, "utf8")); } catch { return []; }
  });
}

/** The processes that hold these sockets; those of other users stay unknown unless we are root. */
export function owners(inodes: ReadonlySet<string>): Map<string, Owner> {
  const found = new Map<string, Owner>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    let descriptors: string[];
    try { descriptors = readdirSync(`/proc/${entry}/fd`); } catch { continue; }
    for (const descriptor of descriptors) {
      let target: string;
      try { target = readlinkSync(`/proc/${entry}/fd/${descriptor}`); } catch { continue; }
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (!inode || !inodes.has(inode) || found.has(inode)) continue;
      let program = "?";
      try { program = readFileSync(`/proc/${entry}/comm`, "utf8").trim(); } catch { /* it has just ended */ }
      found.set(inode, { pid: Number(entry), program });
    }
  }
  return found;
}
