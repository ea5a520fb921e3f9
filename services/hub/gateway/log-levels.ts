/** Log levels that older clients have set, by caller: they are said once and not with each call. */

const KEPT = 1_000;
export const LEVELS: readonly string[] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
const DEFAULT = "info";

export class LogLevels {
  readonly #levels = new Map<string, string>();

  of(caller: string): string {
    return this.#levels.get(caller) ?? DEFAULT;
  }

  /** @returns false for a level that there is not */
  set(caller: string, level: unknown): boolean {
    if (typeof level !== "string" || !LEVELS.includes(level)) return false;
    this.#levels.delete(caller);
    if (this.#levels.size >= KEPT) this.#levels.delete(this.#levels.keys().next().value!);
    this.#levels.set(caller, level);
    return true;
  }
}
