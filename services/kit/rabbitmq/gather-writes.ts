/** Fewer, larger writes. */
import type { Writable } from "node:stream";

/**
 * amqplib writes each frame by itself, which is a system call for every publish and every acknowledgement. What one turn
 * of the event loop says goes out in one write, and no later: nothing waits for a timer.
 */
export function gatherWrites(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]): boolean => {
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    return write(...args);
  };
}
