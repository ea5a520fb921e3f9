import assert from "node:assert/strict";
import fc from "fast-check";
import { clean, judge, RULES, type FoundTask, type Rule, type Truth } from "./checker.ts";
import { History, outcomeOf, type Attempt } from "./history.ts";

interface Run { attempts: Attempt[]; truth: Truth }

const acknowledgedAttempt = (key: string, id: string, part: Partial<Attempt> = {}): Attempt =>
  ({ caller: "user:a", idempotencyKey: key, type: "builder", poison: false, tries: 1, ids: [id], refusal: null, shown: null, ...part });

const found = (id: string, key: string, part: Partial<FoundTask> = {}): FoundTask =>
  ({ id, caller: "user:a", idempotencyKey: key, state: "succeeded", attempt: 1, payload: key, resultAttempt: 1, ...part });

/** Two that succeeded, one of them after a repetition, and one poison. */
const run = (): Run => ({
  attempts: [acknowledgedAttempt("k1", "t1", { shown: "succeeded" }), acknowledgedAttempt("k2", "t2", { tries: 3 }), acknowledgedAttempt("k3", "t3", { poison: true })],
  truth: {
    tasks: [
      found("t1", "k1"),
      found("t2", "k2", { attempt: 2, resultAttempt: 2 }),
      found("t3", "k3", { state: "dead", attempt: 2, payload: null, resultAttempt: null }),
    ],
    effects: ["t1", "t2", "t3"].map((taskId) => ({ taskId, key: "echo", rows: 1 })),
    letters: [{ taskId: "t3", reason: "attempts_used_up" }],
  },
});

const broken = ({ attempts, truth }: Run): Rule[] => {
  const { violations } = judge(attempts, truth);
  return (Object.keys(RULES) as Rule[]).filter((rule) => violations[rule].length > 0);
};

/** Each plants one fault into a sound run and names the rules that must notice, all of them and no others. */
const PLANTS: Record<string, { rules: Rule[]; plant(run: Run): Run }> = {
  "a loss": {
    rules: ["lost", "strangerEffect"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, tasks: truth.tasks.filter(({ id }) => id !== "t1") } }),
  },
  "a loss that took its effect along": {
    rules: ["lost"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, tasks: truth.tasks.filter(({ id }) => id !== "t1"), effects: truth.effects.filter(({ taskId }) => taskId !== "t1") } }),
  },
  "a task that is never done": {
    rules: ["unfinished"],
    plant: (sound) => change(sound, "t2", { state: "active" }),
  },
  "a stranger": {
    rules: ["unexpected"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth,
      tasks: [...truth.tasks, found("t9", "k1", { caller: "user:b" })], effects: [...truth.effects, { taskId: "t9", key: "echo", rows: 1 }] } }),
  },
  "a task that was refused and yet taken": {
    rules: ["unexpected"],
    plant: ({ attempts, truth }) => ({ attempts: [{ ...attempts[0]!, ids: [], refusal: "422", shown: null }, ...attempts.slice(1)], truth }),
  },
  "a submission that became two tasks": {
    rules: ["split"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, tasks: [...truth.tasks, { ...truth.tasks[0]!, id: "t9" }], effects: [...truth.effects, { taskId: "t9", key: "echo", rows: 1 }] } }),
  },
  "a double effect": {
    rules: ["doubleEffect"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, effects: truth.effects.map((effect) => (effect.taskId === "t1" ? { ...effect, rows: 2 } : effect)) } }),
  },
  "a double effect of poison": {
    rules: ["doubleEffect"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, effects: truth.effects.map((effect) => (effect.taskId === "t3" ? { ...effect, rows: 2 } : effect)) } }),
  },
  "a missing effect": {
    rules: ["missingEffect"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, effects: truth.effects.filter(({ taskId }) => taskId !== "t2") } }),
  },
  "an effect of no task": {
    rules: ["strangerEffect"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, effects: [...truth.effects, { taskId: "t9", key: "echo", rows: 1 }] } }),
  },
  "a missing dead letter": {
    rules: ["missingLetter"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, letters: [] } }),
  },
  "a surplus dead letter": {
    rules: ["surplusLetter"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, letters: [...truth.letters, { taskId: "t1", reason: "delivery_limit" }] } }),
  },
  "a dead letter of a stranger": {
    rules: ["surplusLetter"],
    plant: ({ attempts, truth }) => ({ attempts, truth: { ...truth, letters: [...truth.letters, { taskId: "t9", reason: "attempts_used_up" }] } }),
  },
  "a healthy task that died": {
    rules: ["wrongEnd"],
    plant: (sound) => change(sound, "t2", { state: "dead" }),
  },
  "poison that succeeded": {
    rules: ["wrongEnd", "missingLetter"],
    plant: (sound) => {
      const { attempts, truth } = change(sound, "t3", { state: "succeeded", payload: "k3", resultAttempt: 2 });
      return { attempts, truth: { ...truth, letters: [] } };
    },
  },
  "results that were mixed up": {
    rules: ["wrongResult"],
    plant: (sound) => change(sound, "t2", { payload: "k1" }),
  },
  "a late result that overwrote a newer one": {
    rules: ["staleResult"],
    plant: (sound) => change(sound, "t2", { resultAttempt: 1 }),
  },
  "a success that was shown and taken back": {
    rules: ["revoked", "wrongEnd"],
    plant: (sound) => change(sound, "t1", { state: "failed" }),
  },
  "a task that was acknowledged and then unknown": {
    rules: ["revoked"],
    plant: ({ attempts, truth }) => ({ attempts: [{ ...attempts[0]!, shown: "absent" }, ...attempts.slice(1)], truth }),
  },
};

function change({ attempts, truth }: Run, id: string, part: Partial<FoundTask>): Run {
  return { attempts, truth: { ...truth, tasks: truth.tasks.map((task) => (task.id === id ? { ...task, ...part } : task)) } };
}

/** Any sound run: answered or not, taken or not where no answer came, repeated, poisoned, with letters sent twice. */
const soundRun = fc.array(fc.record({
  fate: fc.constantFrom("acknowledged", "unanswered and taken", "unanswered and not taken", "refused"),
  poison: fc.boolean(),
  tries: fc.integer({ min: 1, max: 5 }),
  runs: fc.integer({ min: 1, max: 3 }),
  caller: fc.constantFrom("user:a", "user:b"),
  looked: fc.boolean(),
  poisonEffect: fc.boolean(),
  letters: fc.integer({ min: 1, max: 3 }),
}), { maxLength: 40 }).map((submissions): Run => {
  const attempts: Attempt[] = [];
  const tasks: Truth["tasks"][number][] = [], effects: Truth["effects"][number][] = [], letters: Truth["letters"][number][] = [];
  submissions.forEach(({ fate, poison, tries, runs, caller, looked, poisonEffect, letters: letterCount }, n) => {
    const [key, id] = [`g${n}`, `i${n}`];
    const acknowledged = fate === "acknowledged";
    const end = poison ? "dead" as const : "succeeded" as const;
    attempts.push({
      caller, idempotencyKey: key, type: "builder", poison,
      tries: fate === "refused" ? 1 : tries, ids: acknowledged ? [id] : [], refusal: fate === "refused" ? "422" : null, shown: acknowledged && looked ? end : null,
    });
    if (!acknowledged && fate !== "unanswered and taken") return;
    tasks.push(found(id, key, { caller, attempt: runs, ...(poison ? { state: end, payload: null, resultAttempt: null } : { resultAttempt: runs }) }));
    // Poison whose every attempt was lost before it began has none.
    if (!poison || poisonEffect) effects.push({ taskId: id, key: "echo", rows: 1 });
    if (poison) for (let copy = 0; copy < letterCount; copy++) letters.push({ taskId: id, reason: "attempts_used_up" });
  });
  return { attempts, truth: { tasks, effects, letters } };
});

const join = (a: Run, b: Run): Run => ({
  attempts: [...a.attempts, ...b.attempts],
  truth: { tasks: [...a.truth.tasks, ...b.truth.tasks], effects: [...a.truth.effects, ...b.truth.effects], letters: [...a.truth.letters, ...b.truth.letters] },
});

describe("the checker of the fault suite", () => {
  it("finds nothing wrong with a sound run", () => {
    assert.deepEqual(broken(run()), []);
    assert.deepEqual(judge(run().attempts, run().truth).totals, {
      submitted: 3, acknowledged: 3, refused: 0, indeterminate: 0, recovered: 0, repeated: 2, succeeded: 2, dead: 1, effects: 3, letters: 1, repeatedLetters: 0,
    });
  });

  it("finds nothing wrong with any sound run, and counts every submission once", () => {
    fc.assert(fc.property(soundRun, ({ attempts, truth }) => {
      const verdict = judge(attempts, truth);
      assert.deepEqual(broken({ attempts, truth }), []);
      assert.ok(clean(verdict));
      const { submitted, acknowledged, refused, indeterminate, recovered } = verdict.totals;
      assert.equal(acknowledged + refused + indeterminate, submitted);
      assert.equal(acknowledged + recovered, truth.tasks.length);
    }));
  });

  for (const [what, { rules, plant }] of Object.entries(PLANTS)) {
    it(`catches ${what}, in whatever company`, () => {
      fc.assert(fc.property(soundRun, (company) => {
        const spoilt = join(company, plant(run()));
        assert.deepEqual(broken(spoilt).sort(), [...rules].sort());
        assert.ok(!clean(judge(spoilt.attempts, spoilt.truth)));
      }), { numRuns: 25 });
    });
  }

  it("has a plant for every rule", () => {
    assert.deepEqual([...new Set(Object.values(PLANTS).flatMap(({ rules }) => rules))].sort(), Object.keys(RULES).sort());
  });

  it("lets a submission without an answer exist or not, and holds it to every other rule if it does", () => {
    const unanswered = acknowledgedAttempt("k9", "", { ids: [], tries: 2 });
    const { attempts, truth } = run();
    assert.deepEqual(broken({ attempts: [...attempts, unanswered], truth }), []);
    const taken = found("t9", "k9", { state: "active" });
    assert.deepEqual(broken({ attempts: [...attempts, unanswered], truth: { ...truth, tasks: [...truth.tasks, taken] } }), ["unfinished"]);
  });
});

describe("the log of attempts", () => {
  it("counts an acknowledgement once, and keeps every id that was named", () => {
    const history = new History();
    const attempt = history.begin({ caller: "user:a", idempotencyKey: "k1", type: "builder", poison: false });
    for (const id of ["t1", "t1", "t2"]) history.acknowledge(attempt, id);
    assert.deepEqual([history.acknowledged, attempt.ids, history.attempts.length], [1, ["t1", "t2"], 1]);
  });

  it("takes a refusal for one only where nothing was sent before it", () => {
    const attempt = acknowledgedAttempt("k1", "", { ids: [], refusal: "422" });
    assert.equal(outcomeOf(attempt), "refused");
    assert.equal(outcomeOf({ ...attempt, tries: 2 }), "indeterminate");
    assert.equal(outcomeOf({ ...attempt, ids: ["t1"], tries: 2 }), "acknowledged");
    assert.equal(outcomeOf({ ...attempt, refusal: null }), "indeterminate");
  });
});
