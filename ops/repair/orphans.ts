/** Containers and networks of a stack that its state does not know. Volumes are never looked at. */
import { FOLDER_LABEL } from "../../contract/labels.ts";
import type { StateResource } from "../stack/state-files.ts";

interface Labelled { id: string; name: string; labels: Record<string, string> }

/** Ids that the state knows: those of containers and networks. */
export function knownIds(resources: readonly StateResource[]): Set<string> {
  return new Set(resources.filter(({ type, id }) => id && /^docker:index\/(container|network):/.test(type)).map(({ id }) => id!));
}

/**
 * What of the stack's labelled things is nobody's: from this checkout or from one that is gone, and unknown to the
 * state. Pure.
 *
 * @param exists is a folder there?
 */
export function orphans<T extends Labelled>(labelled: readonly T[], known: ReadonlySet<string>, root: string, exists: (folder: string) => boolean): T[] {
  return labelled.filter((thing) => {
    const folder = thing.labels[FOLDER_LABEL];
    // Networks carry no folder; that no other checkout has the stack is known by now.
    return !known.has(thing.id) && (folder === undefined || folder === root || !exists(folder));
  });
}
