/**
 * How many instances a queue wants. Pure, and without a memory: what keeps it from going to and fro is the distance
 * between the two thresholds, and that a step up at most doubles while a step down leaves twice the room that is used.
 */

export interface QueueLoad {
  /** Registered agents that take tasks. */
  instances: number;
  /** Tasks that they do at once, together. */
  capacity: number;
  pending: number;
  /** With the broker or an agent. */
  active: number;
  /** Queue latency. */
  oldestSeconds: number;
  /** Attempts begun, mean of the last minute. */
  startedPerSecond: number;
  /** Mean of `active` over the last minute. */
  held: number;
  /** Instances that the type's ports allow. */
  most: number;
}

export interface Suggestion { replicas: number; reason: string }

/** Who waits longer wants more instances. */
export const SLOW_SECONDS = 10;
/** Who waits less may do with fewer. */
export const FAST_SECONDS = 1;
/** In this time the added instances should work off what waits. */
const CATCH_UP_SECONDS = 60;
/** Of the capacity that is left, this share may be in use. */
const BUSY_SHARE = 0.5;

export function suggestReplicas(load: QueueLoad): Suggestion {
  const { instances, capacity, pending, active, oldestSeconds, held, most } = load;
  const latency = `tasks wait ${seconds(oldestSeconds)}`;
  if (instances === 0) {
    return { replicas: 1, reason: pending + active > 0 ? `${pending + active} tasks and no instance that takes them` : "no instance takes tasks" };
  }
  const waiting = pending + Math.max(0, active - capacity);
  if (oldestSeconds > SLOW_SECONDS && waiting > 0) {
    if (instances >= most) return { replicas: most, reason: `${latency}, but its ports allow no more than ${most}` };
    const replicas = Math.min(most, instances + Math.min(instances, missingInstances(load, waiting)));
    return { replicas, reason: `${latency}, ${waiting} of them` };
  }
  const needed = Math.max(1, Math.ceil((held / BUSY_SHARE) / (capacity / instances)));
  if (oldestSeconds < FAST_SECONDS && waiting === 0 && needed < instances) {
    return { replicas: needed, reason: `${held.toFixed(1)} of ${capacity} places in use` };
  }
  return { replicas: instances, reason: latency };
}

/** Beyond those that keep up with what comes now. */
function missingInstances({ instances, capacity, startedPerSecond }: QueueLoad, waiting: number): number {
  const each = startedPerSecond / instances;
  // Long tasks: none began within the minute, so the places are counted instead of the speed.
  const extra = each > 0 ? waiting / (each * CATCH_UP_SECONDS) : waiting / Math.max(1, capacity / instances);
  return Math.max(1, Math.ceil(extra));
}

const seconds = (value: number): string => (value < 1 ? "less than 1 s" : `${Math.round(value)} s`);
