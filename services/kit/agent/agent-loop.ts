/** Wires the loop of an agent to its queues, its signs of life and its orderly end. */
import { Gauge, type Histogram } from "prom-client";
import type { ResultMessage } from "../../../contract/bus.ts";
import type { Action } from "../action.ts";
import type { AgentConfig } from "../config.ts";
import type { Effects } from "../effects.ts";
import { traceIdOf } from "../log.ts";
import { durationHistogram } from "../metrics.ts";
import type { EtcdRegistration } from "../registration.ts";
import type { Service } from "../service.ts";
import { runAttempt } from "./attempt.ts";
import { followControl } from "./control.ts";
import type { HeldTask } from "./held-task.ts";
import { FIRST_BEAT_MS, Pulse, type AgentStatus } from "./pulse.ts";
import { TaskLoop } from "./task-loop.ts";

export interface AgentLoopOptions<D> {
  service: Service<AgentConfig>;
  deps: D;
  type: string;
  agentId: string;
  /** Of its entry in etcd. */
  key: string;
  actions: ReadonlyMap<string, Action<D>>;
  effects: Effects;
}

/** Of the stop's grace: kept for handing back, and for closing everything else. */
const HAND_BACK_MS = 2_500;
const CLOSING_MS = 2_000;

/** Resolves once tasks are taken. */
export async function runAgentLoop<D>(options: AgentLoopOptions<D>): Promise<void> {
  const { service, type, agentId, actions } = options;
  const { config, log } = service;
  const bus = service.rabbitmq();
  const seconds = durationHistogram(service.metrics, "agent_task_duration_seconds", "Time of an attempt, by outcome.", ["action", "outcome"]);
  let registration: EtcdRegistration | null = null;
  const loop: TaskLoop = new TaskLoop({
    bus, type, log,
    queue: config.AGENT_RABBITMQ_QUEUE,
    prefetch: config.AGENT_CONCURRENCY,
    run: (held) => runHeld(options, held, pulse, seconds),
    onChange: () => {
      const { status: state, current_task: task } = status();
      registration?.update({ status: state, current_task: task || null });
    },
  });
  const status = (): AgentStatus => {
    const first = loop.held.values().next().value;
    return {
      agent_id: agentId,
      type,
      status: loop.draining ? "draining" : first ? "active" : "idle",
      current_task: first?.task.taskId ?? "",
      held: String(loop.held.size),
      concurrency: String(config.AGENT_CONCURRENCY),
      updated_at: new Date().toISOString(),
    };
  };
  const pulse: Pulse = new Pulse({ bus, redis: service.redis(), agentId, type, log, held: () => loop.held.values(), status });
  new Gauge({
    name: "agent_tasks_held", help: "Tasks taken and not yet acknowledged.", registers: [service.metrics],
    collect() { this.set(loop.held.size); },
  });
  const control = followControl(bus, agentId, log, (message) => loop.onControl(message));
  // A `stored` that comes before the queue exists would be lost.
  await control.whenActive();
  loop.start();
  pulse.start();
  service.addReadiness(() => (loop.draining ? ["draining"] : []));
  const entry = service.register(options.key, { status: "idle", capabilities: [...actions.keys()].sort() });
  registration = entry;
  service.shutdown.add("work", "registration", () => entry.close());
  service.shutdown.add("work", "tasks", async () => {
    const finishMs = Math.max(500, config.STOP_GRACE_SECONDS * 1_000 - HAND_BACK_MS - CLOSING_MS - 500);
    await loop.stop(finishMs, HAND_BACK_MS);
    pulse.stop();
  });
}

async function runHeld<D>(options: AgentLoopOptions<D>, held: HeldTask, pulse: Pulse, seconds: Histogram<"action" | "outcome">): Promise<ResultMessage> {
  const { service, deps, agentId, actions, effects } = options;
  const { task, controller } = held;
  const { taskId, attempt } = task;
  const { signal } = controller;
  const traceId = traceIdOf(held.traceparent);
  const log = service.log.child({ taskId, attempt, action: task.action, ...(traceId ? { traceId } : {}) });
  const firstBeat = setTimeout(() => pulse.beat(held), FIRST_BEAT_MS);
  try {
    const result = await runAttempt({
      task, agentId, actions, controller,
      context: {
        deps,
        log,
        progress(fraction, note) {
          held.progress = Math.min(1, Math.max(0, fraction));
          held.note = note?.slice(0, 500);
        },
        once: (key, effect) => effects.once({ taskId, attempt, agentId, signal }, key, effect),
      },
      onSurprise: (error) => log.error({ err: error }, "the action failed"),
    });
    const durationMs = Date.now() - held.startedAt;
    // Only names that exist become labels: others come from outside and have no end.
    seconds.observe({ action: actions.has(task.action) ? task.action : "unknown", outcome: result.outcome }, durationMs / 1000);
    log.debug({ outcome: result.outcome, code: result.error?.code, durationMs }, "attempt ended");
    return result;
  } finally {
    clearTimeout(firstBeat);
  }
}
