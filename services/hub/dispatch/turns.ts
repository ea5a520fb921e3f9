/** The order of dispatch: by priority, and among the callers of one priority in turn. Pure. */

/** A pending task that may be dispatched now. Lists are in the order of age within `(type, urgency, caller)`. */
export interface Candidate {
  id: string;
  type: string;
  /** 0 is the most urgent. */
  urgency: number;
  caller: string;
}

/** When each caller was last served: larger is later. Kept between calls, so that turns go on across batches. */
export type Turns = Map<string, number>;

/**
 * Chooses up to `room` of one type's candidates. A more urgent task always goes first; within one urgency the caller
 * served longest ago comes next, so whoever submits ten thousand tasks delays nobody else by more than one task a turn.
 *
 * @param turns changed in place: callers without candidates may be forgotten by the owner at any time
 */
export function pickInTurn(candidates: readonly Candidate[], room: number, turns: Turns): Candidate[] {
  const picked: Candidate[] = [];
  const byUrgency = Map.groupBy(candidates, (candidate) => candidate.urgency);
  let turn = Math.max(0, ...turns.values());
  for (const urgency of [...byUrgency.keys()].sort((a, b) => a - b)) {
    const lanes = [...Map.groupBy(byUrgency.get(urgency)!, (candidate) => candidate.caller)];
    lanes.sort(([a], [b]) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0) || (a < b ? -1 : 1));
    for (let position = 0; picked.length < room; position++) {
      const round = lanes.filter(([, queue]) => position < queue.length);
      if (round.length === 0) break;
      for (const [caller, queue] of round.slice(0, room - picked.length)) {
        picked.push(queue[position]!);
        turns.set(caller, ++turn);
      }
    }
  }
  return picked;
}
