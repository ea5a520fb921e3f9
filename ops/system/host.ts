/** What this machine is: user, system, package manager. Gathered once, passed on as a value. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { which, type Environment } from "./processes.ts";

export interface Host {
  env: Environment;
  /** Numeric user id; 0 may install packages. */
  uid: number;
  /** systemd is running (its tools alone may be installed without it). */
  systemd: boolean;
  /** Distribution as in /etc/os-release: `debian`, `ubuntu`, … */
  distribution: string;
  /** Where a Docker engine leaves its process number. */
  enginePidFile: string;
}

/** Folders of administration tools, which users' PATH often leaves out. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

export function thisHost(env: Environment = process.env): Host {
  const path = (env.PATH ?? "").split(delimiter);
  return {
    env: { ...env, PATH: [...path, ...SYSTEM_FOLDERS.filter((folder) => !path.includes(folder))].join(delimiter) },
    uid: process.getuid?.() ?? -1,
    systemd: existsSync("/run/systemd/system"),
    distribution: distributionOf(readOrEmpty("/etc/os-release")),
    enginePidFile: "/var/run/docker.pid",
  };
}

/** `debian` for Debian, `ubuntu` for Ubuntu and what calls itself like it, else the ID as it stands. */
export function distributionOf(osRelease: string): string {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const names = [value("ID"), ...value("ID_LIKE").split(/\s+/)];
  return names.find((name) => name === "debian" || name === "ubuntu") ?? (value("ID") || "unknown");
}

/** May packages be installed with apt-get? */
export function canInstall(host: Host): boolean {
  return host.uid === 0 && ["debian", "ubuntu"].includes(host.distribution) && which("apt-get", host.env) !== null;
}

function readOrEmpty(path: string): string {
  try { return readFileSync(path, "utf8"); } catch { return ""; }
}
