/** What containers, images and volumes keep to. A rule looks at one resource and answers with what is wrong, or null. */
import type * as docker from "@pulumi/docker";
import type { Unwrap } from "@pulumi/pulumi";

export type Container = Unwrap<docker.ContainerArgs>;

export interface Rule<T> {
  name: string;
  description: string;
  /** @param stack name of the stack that is previewed */
  problem(resource: T, stack: string): string | null;
}

/** The one port that may be published beyond loopback, inside the edge's container. */
const EDGE_PORT = 80;
/** Stacks that hold what cannot be made again: `prod`, `prod-eu`. */
const isProduction = (stack: string): boolean => /^prod(-|$)/.test(stack);
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIALS?)$/;
/** `scheme://user:password@host` */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/;
const DOCKER_SOCKET = /docker\.sock$/;

const label = ({ labels = [] }: Container, name: string): string | undefined => labels?.find((one) => one.label === name)?.value;
const bindSources = ({ volumes = [], mounts = [] }: Container): string[] =>
  [...(volumes ?? []).map(({ hostPath }) => hostPath), ...(mounts ?? []).map(({ source }) => source)].filter((path) => path !== undefined);

export const CONTAINER_RULES: readonly Rule<Container>[] = [
  {
    name: "container-stop-grace",
    description: "destroyGraceSeconds is above 0; without it the provider kills.",
    problem: ({ destroyGraceSeconds }) => ((destroyGraceSeconds ?? 0) > 0 ? null : "set destroyGraceSeconds: without it a removal sends SIGKILL"),
  },
  {
    name: "container-healthcheck",
    description: "Every container has a health check.",
    problem: ({ healthcheck }) => ((healthcheck?.tests ?? []).length > 0 && healthcheck?.tests?.[0] !== "NONE" ? null : "give it a healthcheck"),
  },
  {
    name: "container-memory-limit",
    description: "Memory is limited, and swap with it.",
    problem: ({ memory, memorySwap }) => {
      if (!((memory ?? 0) > 0)) return "set memory, in MiB";
      return memorySwap === undefined || memorySwap < memory! ? "set memorySwap to memory or more: a limit without it cannot be raised later" : null;
    },
  },
  {
    name: "container-restart",
    description: "A container that fails is started again.",
    problem: ({ restart }) => (restart === "unless-stopped" || restart === "always" ? null : `set restart to unless-stopped, not ${restart ?? "nothing"}`),
  },
  {
    name: "container-unprivileged",
    description: "No container is privileged or reaches the engine's socket.",
    problem: (container) => {
      if (container.privileged) return "take privileged away";
      const socket = bindSources(container).find((path) => DOCKER_SOCKET.test(path));
      return socket === undefined ? null : `take the mount of ${socket} away: whoever has it owns the machine`;
    },
  },
  {
    name: "container-capabilities",
    description: "All capabilities are dropped, and no privileges can be gained.",
    problem: ({ capabilities, securityOpts }) => {
      if (!capabilities?.drops?.includes("ALL")) return "drop ALL capabilities, and add back by name what it needs";
      return securityOpts?.some((option) => /^no-new-privileges(:true)?$/.test(option)) ? null : "add no-new-privileges:true to securityOpts";
    },
  },
  {
    name: "container-log-rotation",
    description: "Logs are rotated.",
    problem: ({ logDriver, logOpts }) =>
      (logDriver !== undefined && logOpts?.["max-size"] !== undefined && logOpts["max-file"] !== undefined ? null
        : "set logDriver and logOpts max-size and max-file: a log without end fills the disk"),
  },
  {
    name: "container-loopback-ports",
    description: "Only the edge listens beyond loopback.",
    problem: (container) => {
      if (label(container, "mcp.kind") === "edge") {
        const other = container.ports?.find(({ internal }) => internal !== EDGE_PORT);
        return other ? `the edge publishes port ${other.internal}; only ${EDGE_PORT} may be` : null;
      }
      const open = container.ports?.find(({ ip }) => ip === undefined || !ip.startsWith("127."));
      return open ? `publish port ${open.internal} on 127.0.0.1, not on ${open.ip ?? "every address"}` : null;
    },
  },
  {
    name: "container-no-secret-env",
    description: "No secret stands in a container's environment, where docker inspect shows it.",
    problem: ({ envs = [] }) => {
      const name = (envs ?? []).map((env) => [env.slice(0, env.indexOf("=")), env.slice(env.indexOf("=") + 1)] as const)
        .find(([key, value]) => SECRET_NAME.test(key!) || URL_WITH_PASSWORD.test(value!))?.[0];
      return name === undefined ? null : `deliver ${name} as a file under /run/secrets, named by ${name}_FILE`;
    },
  },
];

/** Rules for images that are pulled. */
export interface PulledImage { name: string; build?: unknown }
export const IMAGE_RULES: readonly Rule<PulledImage>[] = [
  {
    name: "image-digest",
    description: "In prod an image that is pulled is pinned by its digest.",
    problem: ({ name, build }, stack) =>
      (!isProduction(stack) || build !== undefined || /@sha256:[0-9a-f]{64}$/.test(name) ? null
        : `pin ${name} as ${name.replace(/:[^:/]*$/, "")}@sha256:…: a tag may be another image tomorrow`),
  },
];

/** Rules for volumes, which need the resource's options. */
export const VOLUME_RULES: readonly Rule<{ protect: boolean }>[] = [
  {
    name: "volume-protected",
    description: "In prod volumes are protected.",
    problem: ({ protect }, stack) => (!isProduction(stack) || protect ? null : "protect it: set mcp:protectData to true"),
  },
];
