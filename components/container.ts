/**
 * `ServiceSpec` → arguments and options of a container. Holds what the Docker provider must be told; each line that
 * looks like a whim is a measured fault of the provider or the engine.
 */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type * as docker from "@pulumi/docker";
import { serviceName } from "../plan/checks.ts";
import type { ServiceSpec } from "../plan/service-spec.ts";
import type { Deployment } from "./deployment.ts";
import { cpuText, goDuration } from "../plan/canonical.ts";

/** Declared by the provider as changeable in place, and then not sent to the engine; `#initerror`: a failed wait. */
const REPLACE_ON_CHANGES = ["#initerror", "healthcheck", "init", "tmpfs", "cpuPeriod", "cpuQuota", "rm"];
/** root:root, so that a user of group 0 reads it: this engine cannot give uploads to a numeric owner. */
const SECRET_MODE = "0440";
const FILE_MODE = "0444";

type Labels = { label: string; value: string }[];

/** Labels by which Docker Compose knows a project: `docker compose -p mcp-dev ps`, `logs`, `restart` work. */
export function composeProject(stack: string): string {
  return `mcp-${stack}`;
}

/** Sorted, as the provider reads them back. None of them changes with time. */
export function labelsOf(spec: ServiceSpec, { stack, folder }: Pick<Deployment, "stack" | "folder">): Labels {
  const labels: Record<string, string> = {
    "com.docker.compose.project": composeProject(stack),
    "com.docker.compose.service": serviceName(spec),
    "com.docker.compose.container-number": String(spec.instance?.number ?? 1),
    "com.docker.compose.oneoff": "False",
    "mcp.stack": stack,
    "mcp.folder": folder,
    "mcp.kind": spec.kind,
    // Uploads hold secrets and are hidden as a whole: without this a preview could not show that a setting has changed.
    ...(spec.files.length > 0 && { "mcp.config": configHash(spec) }),
    ...spec.labels,
  };
  return Object.entries(labels).map(([label, value]) => ({ label, value })).toSorted((a, b) => (a.label < b.label ? -1 : 1));
}

function configHash({ files }: ServiceSpec): string {
  return createHash("sha256").update(JSON.stringify(files.map(({ path, content }) => [path, content]))).digest("hex").slice(0, 12);
}

function uploadsOf(spec: ServiceSpec, { keyring }: Deployment): docker.types.input.ContainerUpload[] {
  return [
    ...spec.files.map(({ path, content }) => ({ file: path, content, permissions: FILE_MODE })),
    ...spec.secrets.map(({ path, parts }) => ({
      file: path,
      content: pulumi.secret(keyring.apply(({ render }) => render(parts))),
      permissions: SECRET_MODE,
    })),
  ];
}

/** Sorted, as the provider keeps them. Plain throughout: secrets are files. */
const envsOf = ({ env }: ServiceSpec): string[] => Object.entries(env).map(([name, value]) => `${name}=${value}`).toSorted();

function mountsOf(spec: ServiceSpec, deployment: Deployment): docker.types.input.ContainerVolume[] {
  return [
    ...spec.volumes.map(({ volume, path, readOnly }) => ({
      volumeName: deployment.volume(volume).name,
      containerPath: path,
      ...(readOnly && { readOnly }),
    })),
    ...spec.binds.map(({ hostPath, path, readOnly }) => ({ hostPath, containerPath: path, readOnly })),
  ];
}

/** Arguments of the one container of a spec. @param image id; a tag would never trigger an update */
export function containerArgs(spec: ServiceSpec, image: pulumi.Input<string>, deployment: Deployment): docker.ContainerArgs {
  const { health, resources } = spec;
  const mounts = mountsOf(spec, deployment);
  return {
    name: spec.container,
    image,
    hostname: spec.host,
    ...(spec.command && { command: spec.command }),
    envs: envsOf(spec),
    user: spec.user,
    // As an output: a literal name would leave the network without dependents, and its replacement stuck.
    networksAdvanced: [{ name: deployment.network.name, aliases: [spec.host, ...(spec.aliases ?? [])] }],
    // Dropped by the provider when it reads a container unless said.
    networkMode: "bridge",
    ports: spec.ports.map(({ container, host, ip }) => ({ internal: container, external: host, ip, protocol: "tcp" })),
    ...(mounts.length > 0 && { volumes: mounts }),
    uploads: uploadsOf(spec, deployment),
    healthcheck: {
      tests: ["CMD", ...health.test],
      interval: goDuration(health.intervalSeconds),
      timeout: goDuration(health.timeoutSeconds),
      startPeriod: goDuration(health.startPeriodSeconds),
      retries: health.retries,
    },
    ...(spec.waitSeconds !== undefined && { wait: true, waitTimeout: spec.waitSeconds }),
    memory: resources.memoryMiB,
    // The engine refuses to raise memory above a swap limit that stays behind; equal means no swap.
    memorySwap: resources.memoryMiB,
    cpus: cpuText(resources.cpus),
    capabilities: { drops: ["ALL"], ...(spec.addCapabilities.length > 0 && { adds: spec.addCapabilities }) },
    securityOpts: ["no-new-privileges:true"],
    restart: "unless-stopped",
    // Without it the provider kills, whatever the stop timeout says.
    destroyGraceSeconds: spec.stopGraceSeconds,
    stopTimeout: spec.stopGraceSeconds,
    logDriver: "json-file",
    logOpts: { "max-size": `${deployment.logs.maxSizeMiB}m`, "max-file": String(deployment.logs.maxFiles) },
    labels: labelsOf(spec, deployment),
  };
}

/** Options of the container; `dependsOn` makes it stop before what it needs. */
export function containerOptions(spec: ServiceSpec, deployment: Deployment, parent: pulumi.Resource): pulumi.CustomResourceOptions {
  return {
    parent,
    dependsOn: spec.dependsOn.map((name) => deployment.container(name)),
    // Its name is fixed, so the old one must go first.
    deleteBeforeReplace: true,
    replaceOnChanges: REPLACE_ON_CHANGES,
    // Its name carries an id that is new with every address.
    hideDiffs: ["networkDatas"],
    customTimeouts: { create: goDuration((spec.waitSeconds ?? 0) + 120), delete: goDuration(spec.stopGraceSeconds + 60) },
  };
}
