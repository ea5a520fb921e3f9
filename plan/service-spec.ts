/** The deployment model: a container as plain data, before any resource exists. */
import type { Grant, Store, TokenClaims } from "../contract/access.ts";

/** A piece of a secret file: literal text, or something derived from the stack's root key. */
export type SecretPart =
  | string
  /** The password of an identity in a store. */
  | { password: { store: Store; identity: string } }
  /** Its salted SHA-256 as RabbitMQ's definitions hold it. */
  | { rabbitmqHash: { identity: string } }
  /** Its SHA-256 in hexadecimal, as Redis' ACL file holds it. */
  | { sha256: { store: Store; identity: string } }
  /** Its SCRAM-SHA-256 verifier, as PostgreSQL keeps it. */
  | { scram: { identity: string } }
  /** A signed bearer token. */
  | { token: TokenClaims }
  /** A signed grant for the access service. */
  | { grant: Grant }
  /** A key for one purpose, base64url of 32 bytes. */
  | { key: string }
  /** The deployment's word that the key of this purpose may sign for an identity; a JWT. */
  | { certificate: { certifies: string; keyOf: string } }
  /** The public half of the key that tokens and grants are signed with: not secret, and not known before the root key. */
  | { publicKey: true };

export interface SecretFile { path: string; parts: SecretPart[] }
export interface ConfigFile { path: string; content: string }

export type ImageSource =
  /** Folder of the Dockerfile, and what is bundled into its context. */
  | {
      build: {
        name: string;
        dockerfile: string;
        /** Folder whose files join the context; null for none. */
        context: string | null;
        /** Entry point bundled to `app/main.js`. */
        bundle?: { entry: string; externalPackages: string[] };
        /** Names of images of ours that the Dockerfile starts from, as build arguments `BASE_<NAME>`. */
        bases: string[];
        /** Packages whose files join the context: target path → path below node_modules. */
        packageFiles?: Record<string, string>;
        /** The market of the local chain, made on this host and laid into the folder `market` of the context. */
        market?: { chainId: number; seed: string };
      };
    }
  /** A finished image, as in `repo@sha256:…`. */
  | { reference: string };

/** An image that is built here. */
export type Build = Extract<ImageSource, { build: unknown }>["build"];

export interface PortSpec { container: number; host: number; ip: string }
export interface VolumeMount { volume: string; path: string; readOnly?: boolean }
export interface BindMount { hostPath: string; path: string; readOnly: true }

export interface HealthSpec {
  /** Exec form without CMD, as in ["curl", "-fsS", …]. */
  test: string[];
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  startPeriodSeconds: number;
}

export interface ServiceSpec {
  /** Unique in the stack: `rabbitmq`, `toolbox`, `toolbox-r2`, `code-indexer-1`. */
  name: string;
  kind: "infrastructure" | "coordination" | "server" | "agent" | "edge";
  /** Catalogue name and number of an instance, from 1; absent: `name` itself, which has one. */
  instance?: { of: string; number: number };
  /** Host name and network alias; never depends on the stack. */
  host: string;
  /** Names that it shares with others: whoever asks for one finds all of them. */
  aliases?: string[];
  /** Container name: the host with the stack's prefix. */
  container: string;
  image: ImageSource;
  /** Arguments after the image's entry point. */
  command?: string[];
  env: Record<string, string>;
  secrets: SecretFile[];
  files: ConfigFile[];
  ports: PortSpec[];
  volumes: VolumeMount[];
  binds: BindMount[];
  /** Names of specs that must exist before it and outlive it. */
  dependsOn: string[];
  health: HealthSpec;
  /** `pulumi up` ends only when it is healthy. */
  waitSeconds?: number;
  /** `uid:gid`. */
  user: string;
  addCapabilities: string[];
  resources: { memoryMiB: number; cpus: number };
  stopGraceSeconds: number;
  labels: Record<string, string>;
}
