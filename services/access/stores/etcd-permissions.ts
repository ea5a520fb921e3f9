/** Ranges of keys, as etcd's roles hold them: base64 of a first key and of the key after the last. */
import type { Grant } from "../../../contract/access.ts";

export interface Permission { permType: "READ" | "READWRITE"; key: string; rangeEnd: string }

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");

/** All keys. */
export const EVERYTHING: Permission = { permType: "READ", key: base64("\0"), rangeEnd: base64("\0") };

const ANY_DIGIT = "[0-9]";

/** Keys that begin with `prefix`, which ends in an ASCII character, or in `[0-9]` for any digit. */
export function prefixPermission(permType: Permission["permType"], prefix: string): Permission {
  if (prefix.endsWith(ANY_DIGIT)) {
    const stem = prefix.slice(0, -ANY_DIGIT.length);
    // ":" follows "9".
    return { permType, key: base64(`${stem}0`), rangeEnd: base64(`${stem}:`) };
  }
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return { permType, key: base64(prefix), rangeEnd: base64(end) };
}

export function permissionsOf(rights: NonNullable<Grant["etcd"]>): Permission[] {
  return [
    ...rights.readwrite.map((prefix) => prefixPermission("READWRITE", prefix)),
    ...rights.read.filter((prefix) => !rights.readwrite.includes(prefix)).map((prefix) => prefixPermission("READ", prefix)),
  ];
}

const sameRange = (a: Permission, b: Permission): boolean => a.key === b.key && a.rangeEnd === b.rangeEnd;
const same = (a: Permission, b: Permission): boolean => sameRange(a, b) && a.permType === b.permType;

/** What to revoke and what to grant so that a role holds `wanted`. Granting a range again replaces its type. */
export function difference(found: readonly Permission[], wanted: readonly Permission[]): { revoke: Permission[]; grant: Permission[] } {
  return {
    revoke: found.filter((have) => !wanted.some((want) => sameRange(have, want))),
    grant: wanted.filter((want) => !found.some((have) => same(have, want))),
  };
}
