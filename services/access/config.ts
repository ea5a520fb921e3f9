/**
 * Settings of the access service.
 *
 * It reads contract/environment.ts' AccessEnvironment. Secret, so given as files (plan/coordination.ts): the store URLs
 * of `ACCESS_ADMIN` (MCP_RABBITMQ_URL is not used), MCP_RABBITMQ_MANAGEMENT_URL and MCP_PASSWORD_KEY.
 */
import type { z } from "zod";
import { AccessEnvironment } from "../../contract/environment.ts";
import { ConfigError, loadConfig, type Environment } from "../kit/config.ts";

export type AccessConfig = Readonly<z.output<typeof AccessEnvironment> & { redisUrl: string; etcdUrl: string; postgresUrl: string }>;

/** @throws {ConfigError} listing every problem */
export function accessConfig(env?: Environment): AccessConfig {
  const config = loadConfig(AccessEnvironment, env);
  const { MCP_REDIS_URL: redisUrl, MCP_ETCD_URL: etcdUrl, MCP_POSTGRES_URL: postgresUrl } = config;
  if (redisUrl === undefined || etcdUrl === undefined || postgresUrl === undefined) {
    throw new ConfigError(Object.entries({ MCP_REDIS_URL: redisUrl, MCP_ETCD_URL: etcdUrl, MCP_POSTGRES_URL: postgresUrl })
      .filter(([, value]) => value === undefined).map(([name]) => `${name}: missing`));
  }
  return Object.freeze({ ...config, redisUrl, etcdUrl, postgresUrl });
}

/** A URL without its credentials, and these. */
export function splitCredentials(url: string): { base: string; username: string; password: string } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  parsed.username = "";
  parsed.password = "";
  return { base: parsed.toString().replace(/\/$/, ""), username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
