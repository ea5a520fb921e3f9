/** All verbs, in the order in which the help lists them. */
import type { Verb } from "../cli/verb.ts";
import { check } from "./check.ts";
import { demo } from "./demo.ts";
import { dev } from "./dev.ts";
import { devnet } from "./devnet.ts";
import { doctor } from "./doctor.ts";
import { down } from "./down.ts";
import { env } from "./env.ts";
import { logs } from "./logs.ts";
import { newVerb } from "./new.ts";
import { outputs } from "./outputs.ts";
import { preview } from "./preview.ts";
import { restart } from "./restart.ts";
import { scale } from "./scale.ts";
import { status } from "./status.ts";
import { task } from "./task.ts";
import { test } from "./test.ts";
import { up } from "./up.ts";

export const VERBS: readonly Verb[] = [up, down, preview, check, status, outputs, logs, restart, scale, task, demo, dev, devnet, env, doctor, newVerb, test];
