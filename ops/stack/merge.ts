/**
 * Three-way merge of a stack's configuration: what the product says now, what it said when the working copy was last
 * brought up to date, and the working copy with what its user has set since. Pure.
 */

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/**
 * The user's changes on top of the product's.
 *
 * @param base    the tracked file as of the last merge; undefined where the key was absent
 * @param tracked the tracked file now
 * @param working the working copy now
 * @returns undefined where the key goes
 */
export function merge(base: Value | undefined, tracked: Value | undefined, working: Value | undefined): Value | undefined {
  if (isMap(tracked) && isMap(working)) {
    const before = isMap(base) ? base : {};
    const keys = [...new Set([...Object.keys(tracked), ...Object.keys(working)])];
    return Object.fromEntries(keys.flatMap((key): [string, Value][] => {
      const value = merge(own(before, key), own(tracked, key), own(working, key));
      return value === undefined ? [] : [[key, value]];
    }));
  }
  return same(base, working) ? tracked : working;
}

/** Equal, numbers and booleans as text: Pulumi rewrites `0` as `"0"` whenever it saves the file. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(own(a, key), own(b, key)));
  }
  if (typeof a === "object" || typeof b === "object") return a === b;
  return String(a) === String(b);
}

function isMap(value: Value | undefined): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(map: Record<string, Value>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
