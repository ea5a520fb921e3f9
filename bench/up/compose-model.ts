/** The same containers as a Compose project: what a team would write by hand for this system. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Settings } from "../../contract/settings.ts";
import type { Keyring } from "../../plan/secrets.ts";
import type { ServiceSpec } from "../../plan/service-spec.ts";

export interface ComposeOptions {
  settings: Settings;
  services: readonly ServiceSpec[];
  keyring: Keyring;
  /** Image reference of a spec. */
  image(spec: ServiceSpec): string;
  /** Seconds between probes of what others wait for. */
  probeSeconds: number;
  /** Where files and secrets are written; they are mounted read-only. */
  folder: string;
}

/** What the others wait for, as Compose files usually say with `service_healthy`. */
const awaited = (spec: ServiceSpec): boolean => spec.kind === "infrastructure" || spec.kind === "coordination";

/** Compose puts variables of its own environment in place of `$name`. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

export function composeModel({ settings, services, keyring, image, probeSeconds, folder }: ComposeOptions): object {
  const byName = new Map(services.map((spec) => [spec.name, spec]));
  const volumes = new Set(services.flatMap((spec) => spec.volumes.map((mount) => mount.volume)));

  const mountFiles = (spec: ServiceSpec): string[] => [
    ...spec.files.map(({ path, content }) => ({ path, content, mode: 0o444 })),
    ...spec.secrets.map(({ path, parts }) => ({ path, content: keyring.render(parts), mode: 0o440 })),
  ].map(({ path, content, mode }) => {
    const source = join(folder, spec.name, path);
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, content);
    chmodSync(source, mode);
    return `${source}:${path}:ro`;
  });

  return {
    name: "mcp-compose",
    networks: {
      default: {
        name: "mcpnet-compose",
        driver_opts: { "com.docker.network.bridge.name": "mcp_compose" },
        ipam: { config: [{ subnet: "172.23.0.0/16" }] },
      },
    },
    volumes: Object.fromEntries([...volumes].map((name) => [name, { name: `compose-${name}` }])),
    services: Object.fromEntries(services.map((spec) => [spec.name, {
      image: image(spec),
      container_name: `compose-${spec.host}`,
      hostname: spec.host,
      ...(spec.command && { command: spec.command.map(literal) }),
      environment: Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, literal(value)])),
      user: spec.user,
      networks: { default: { aliases: [spec.host] } },
      ports: spec.ports.map(({ ip, host, container }) => `${ip}:${host - settings.portOffset + 30_000}:${container}`),
      volumes: [
        ...spec.volumes.map(({ volume, path, readOnly }) => `${volume}:${path}${readOnly ? ":ro" : ""}`),
        ...spec.binds.map(({ hostPath, path }) => `${hostPath}:${path}:ro`),
        ...mountFiles(spec),
      ],
      healthcheck: {
        test: ["CMD", ...spec.health.test.map(literal)],
        interval: `${awaited(spec) ? probeSeconds : spec.health.intervalSeconds}s`,
        timeout: `${spec.health.timeoutSeconds}s`,
        retries: Math.max(spec.health.retries, 30),
      },
      depends_on: Object.fromEntries(spec.dependsOn.filter((name) => byName.has(name)).map((name) =>
        [name, { condition: awaited(byName.get(name)!) ? "service_healthy" : "service_started" }])),
      mem_limit: `${spec.resources.memoryMiB}m`,
      cpus: spec.resources.cpus,
      cap_drop: ["ALL"],
      ...(spec.addCapabilities.length > 0 && { cap_add: spec.addCapabilities }),
      security_opt: ["no-new-privileges:true"],
      restart: "unless-stopped",
      stop_grace_period: `${spec.stopGraceSeconds}s`,
    }])),
  };
}
