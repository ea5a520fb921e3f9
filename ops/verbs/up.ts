import type { Verb } from "../cli/verb.ts";
import { up as deployStack } from "../stack/up.ts";

export const up: Verb = {
  name: "up",
  synopsis: "[--stack dev]",
  summary: "Deploy the system, and wait until everything is registered",
  details: `
Provides what the machine lacks (Docker, Pulumi, the base image), checks ports, subnets and disk, repairs what an
interrupted run left, runs "pulumi up", and waits until every server and agent has registered itself.
Running it again changes only what differs. Ctrl-C ends it in good order; the next run goes on from there.`,
  onStack: true,
  run: deployStack,
};
