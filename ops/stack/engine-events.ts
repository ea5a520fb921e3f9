/** Pulumi's engine events (`--event-log`) as lines for a reader. Pure. */

interface StepMetadata { op: string; urn: string; type: string }
export interface EngineEvent {
  timestamp?: number;
  resourcePreEvent?: { metadata: StepMetadata };
  resOutputsEvent?: { metadata: StepMetadata };
  resOpFailedEvent?: { metadata: StepMetadata };
  diagnosticEvent?: { urn?: string; prefix?: string; message: string; severity: string; ephemeral?: boolean };
  policyEvent?: { policyName: string; message: string; enforcementLevel: string };
  summaryEvent?: { resourceChanges?: Record<string, number>; durationSeconds?: number };
}

/** Steps that change something; refresh and same do not. */
const VERBS: Record<string, readonly [doing: string, done: string]> = {
  create: ["creating", "created"],
  update: ["updating", "updated"],
  delete: ["deleting", "deleted"],
  replace: ["replacing", "replaced"],
  "create-replacement": ["replacing", "replaced"],
  "delete-replaced": ["deleting old", "deleted old"],
  "discard-replaced": ["dropping old", "dropped old"],
  import: ["importing", "imported"],
};

const KINDS: Record<string, string> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/volume:Volume": "volume",
  "docker:index/remoteImage:RemoteImage": "image",
};

export interface Progress {
  /** Steps under way, by URN. */
  running: Map<string, { text: string; since: number }>;
  done: number;
  errors: string[];
  changes: Record<string, number> | null;
}

export const noProgress = (): Progress => ({ running: new Map(), done: 0, errors: [], changes: null });

/**
 * Takes in one event, and gives the line that it is worth; null for most.
 *
 * @param now seconds, as in the events' timestamps
 */
export function take(progress: Progress, event: EngineEvent, now: number): string | null {
  const begun = event.resourcePreEvent?.metadata;
  if (begun && worthTelling(begun)) {
    progress.running.set(begun.urn, { text: `${VERBS[begun.op]![0]} ${subject(begun)}`, since: now });
    return null;
  }
  const ended = event.resOutputsEvent?.metadata;
  if (ended && worthTelling(ended)) {
    const since = progress.running.get(ended.urn)?.since ?? now;
    progress.running.delete(ended.urn);
    progress.done += 1;
    // One step of three that make a replacement.
    if (ended.op === "replace") return null;
    const seconds = Math.round(now - since);
    return `  ${subject(ended)} ${VERBS[ended.op]![1]}${seconds >= 1 ? ` (${seconds} s)` : ""}`;
  }
  const broken = event.resOpFailedEvent?.metadata;
  if (broken) {
    progress.running.delete(broken.urn);
    return `  ${subject(broken)} FAILED`;
  }
  if (event.policyEvent) {
    const { policyName, message, enforcementLevel } = event.policyEvent;
    const text = `policy ${policyName}: ${message.trim()}`;
    if (enforcementLevel === "mandatory") progress.errors.push(text);
    return `  ${text}`;
  }
  if (event.diagnosticEvent?.severity === "error") {
    const text = event.diagnosticEvent.message.trim();
    if (text && !progress.errors.includes(text)) progress.errors.push(text);
  }
  if (event.diagnosticEvent?.severity === "warning" && !event.diagnosticEvent.ephemeral) {
    return `  warning: ${event.diagnosticEvent.message.trim()}`;
  }
  if (event.summaryEvent) progress.changes = event.summaryEvent.resourceChanges ?? {};
  return null;
}

/** One line about what is under way: how much is done, and the step that takes longest. */
export function statusLine(progress: Progress, now: number): string {
  const running = [...progress.running.values()].sort((a, b) => a.since - b.since);
  const [oldest] = running;
  const more = running.length > 1 ? ` and ${running.length - 1} more` : "";
  return oldest ? `[${progress.done} done] ${oldest.text} (${Math.round(now - oldest.since)} s)${more}` : `[${progress.done} done]`;
}

/** `2 created, 1 replaced, 40 unchanged`. */
export function summary(changes: Record<string, number>): string {
  const names: Record<string, string> = { create: "created", update: "updated", delete: "deleted", replace: "replaced", import: "imported", same: "unchanged" };
  const parts = Object.entries(names).flatMap(([op, name]) => (changes[op] ? [`${changes[op]} ${name}`] : []));
  return parts.join(", ") || "nothing to do";
}

function worthTelling({ op, type }: StepMetadata): boolean {
  return op in VERBS && !type.startsWith("pulumi:") && KINDS[type] !== undefined;
}

/** `container rabbitmq`: the resource's own name, without what its component put around it. */
function subject({ urn, type }: StepMetadata): string {
  const kind = KINDS[type] ?? type.split(":").at(-1)!;
  const name = urn.split("::").at(-1)!;
  return `${kind} ${name.endsWith(`-${kind}`) ? name.slice(0, -kind.length - 1) : name}`;
}
