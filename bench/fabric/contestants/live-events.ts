/** Ends of tasks out of the hub's live events. */

/** As much of an event as is needed to know whose task ended how. */
export interface TaskEnd {
  id: string;
  state: string;
}

const END = /"state":"(succeeded|failed|cancelled|dead)"/;
const SUBJECT = /"subject":"([^"]+)"/;

/**
 * Takes text as it comes; a line may be cut anywhere.
 *
 * @param caller only this caller's tasks count
 * @returns what to give each piece to; it answers the ends in it
 */
export function endsOf(caller: string): (piece: string) => TaskEnd[] {
  const ofCaller = `"caller":${JSON.stringify(caller)}`;
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    // Two in three events are not ends: parsing them all would cost the load generator more than the load.
    return lines.flatMap((line) => {
      if (!line.startsWith("data: ") || !line.includes(ofCaller)) return [];
      const state = END.exec(line)?.[1];
      const id = SUBJECT.exec(line)?.[1];
      return state !== undefined && id !== undefined ? [{ id, state }] : [];
    });
  };
}
