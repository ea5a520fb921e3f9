import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { accessConfig, splitCredentials } from "./config.ts";

const ENV = {
  SERVICE_NAME: "access", SERVICE_HOST: "access", SERVICE_PORT: "3002", MCP_TOKEN_PUBLIC_KEY: "k", MCP_PASSWORD_KEY: "p",
  MCP_RABBITMQ_MANAGEMENT_URL: "http://access:x@rabbitmq:15672", MCP_REDIS_URL: "redis://a:b@redis:6379",
  MCP_ETCD_URL: "http://root:x@etcd:2379", MCP_POSTGRES_URL: "postgres://access_admin:x@postgres:5432/mcp",
};

describe("settings of the access service", () => {
  it("want the URLs of all stores", () => {
    assert.equal(accessConfig(ENV).etcdUrl, ENV.MCP_ETCD_URL);
    const { MCP_REDIS_URL: _, MCP_POSTGRES_URL: __, ...rest } = ENV;
    assert.throws(() => accessConfig(rest), /MCP_REDIS_URL: missing\n {2}MCP_POSTGRES_URL: missing/);
  });

  it("take the credentials out of a URL", () => {
    assert.deepEqual(splitCredentials("http://root:p%2Fw@etcd:2379"), { base: "http://etcd:2379", username: "root", password: "p/w" });
  });
});
