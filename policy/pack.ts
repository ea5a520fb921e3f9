/** Policy pack: `pulumi preview --policy-pack policy` refuses what breaks a rule, and names it. */
import { PolicyPack, type ResourceValidationArgs, type ResourceValidationPolicy } from "@pulumi/policy";
import { CONTAINER_RULES, IMAGE_RULES, VOLUME_RULES, type Container, type PulledImage, type Rule } from "./rules.ts";

/** @param view what the rule sees of a resource */
function policies<T>(rules: readonly Rule<T>[], type: string, view: (args: ResourceValidationArgs) => T): ResourceValidationPolicy[] {
  return rules.map(({ name, description, problem }) => ({
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: (args, reportViolation) => {
      if (args.type !== type) return;
      const found = problem(view(args), stackOf(args.urn));
      if (found !== null) reportViolation(found);
    },
  }));
}

/** `urn:pulumi:<stack>::<project>::…` */
const stackOf = (urn: string): string => urn.split("::")[0]!.replace("urn:pulumi:", "");

new PolicyPack("mcp", {
  policies: [
    ...policies(CONTAINER_RULES, "docker:index/container:Container", ({ props }) => props as unknown as Container),
    ...policies(IMAGE_RULES, "docker:index/remoteImage:RemoteImage", ({ props }) => props as unknown as PulledImage),
    ...policies(VOLUME_RULES, "docker:index/volume:Volume", ({ opts }) => ({ protect: opts.protect })),
  ],
});
