/** What each gate has kept back since the process started, for people who ask why nothing is traded. */
import type { GatesAnswer } from "../../../contract/trading.ts";
import type { Watcher } from "../watcher.ts";
import { GATES, type GateName } from "./gates.ts";

type Shown = GatesAnswer["gates"][number];

export class Refusals implements Watcher {
  readonly #since = new Date().toISOString();
  readonly #counted = new Map<GateName, Pick<Shown, "refusals" | "last">>();

  refused(gate: GateName, message: string, key: string): void {
    this.#counted.set(gate, { refusals: (this.#counted.get(gate)?.refusals ?? 0) + 1, last: { message, key, at: new Date().toISOString() } });
  }

  view(): GatesAnswer {
    const none = { refusals: 0, last: null };
    return { since: this.#since, gates: (Object.keys(GATES) as GateName[]).map((gate) => ({ gate, ...(this.#counted.get(gate) ?? none) })) };
  }
}
