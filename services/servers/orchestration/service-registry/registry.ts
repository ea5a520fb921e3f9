/** The registry at one revision, and what changed between two: pure functions over etcd's keys and values. */
import { parseKey, Registration, type ServiceEntry } from "../../../../contract/registry.ts";
import { UserFault } from "../../../kit/errors.ts";

export interface Snapshot {
  /** etcd's revision, a decimal number. */
  revision: string;
  entries: ServiceEntry[];
}

/** A value that is no registration, or a key that is not ours, is left out: one writer's mistake hides no other service. */
export function readEntries(pairs: readonly { key: string; value: string }[]): ServiceEntry[] {
  return pairs.flatMap(({ key, value }) => {
    const ref = parseKey(key);
    const parsed = ref && Registration.safeParse(json(value));
    return parsed?.success ? [{ ...ref!, key, ...parsed.data }] : [];
  }).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Catalogue name of a server, type of an agent. */
export const nameOf = (entry: ServiceEntry): string => (entry.kind === "server" ? entry.server : entry.type);

/** Replica of a server, number of an agent. */
export const instanceOf = (entry: ServiceEntry): number => (entry.kind === "server" ? entry.replica : entry.n);

export interface Change {
  change: "appeared" | "changed" | "vanished";
  before: ServiceEntry | null;
  after: ServiceEntry | null;
}

/** A service that went and came back between the two has another started_at: it changed. */
export function changesBetween(before: readonly ServiceEntry[], after: readonly ServiceEntry[]): Change[] {
  const old = new Map(before.map((entry) => [entry.key, entry]));
  const now = new Map(after.map((entry) => [entry.key, entry]));
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key): Change[] => {
    const [was, is] = [old.get(key) ?? null, now.get(key) ?? null];
    if (!was) return [{ change: "appeared", before: null, after: is }];
    if (!is) return [{ change: "vanished", before: was, after: null }];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ change: "changed", before: was, after: is }];
  });
}

export const writeCursor = (revision: string): string => Buffer.from(`r1.${revision}`).toString("base64url");

/** @throws {UserFault} on text that writeCursor did not write */
export function readCursor(cursor: string): string {
  const revision = /^r1\.(\d{1,19})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (!revision) throw new UserFault("This cursor is not one of watch_changes or find_services: pass it unchanged, or leave it out to begin now.");
  return revision;
}
