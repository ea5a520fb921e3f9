import assert from "node:assert/strict";
import { publicKey, signingKey, signJwt } from "../../../contract/derive.ts";
import { Unavailable } from "../../kit/errors.ts";
import { createHttpApp, type HttpApp } from "../../kit/http.ts";
import { createLogger } from "../../kit/log.ts";
import { createMetrics } from "../../kit/metrics.ts";
import { tokenChecker } from "../../kit/tokens.ts";
import { Catalogs } from "../actions/catalogs.ts";
import { ServiceRegistry } from "../registry/registry.ts";
import { mountBulk } from "./bulk-routes.ts";
import { mountTasks } from "./task-routes.ts";

const key = signingKey("root of a test");
const authorization = `Bearer ${signJwt({ sub: "user:ada", role: "admin", aud: ["*"] }, key)}`;
const task = { type: "builder", action: "echo" };

describe("a hub that is starting", () => {
  let app: HttpApp;
  beforeEach(() => {
    const log = createLogger("test", "info", { write: () => undefined });
    app = createHttpApp({ log, metrics: createMetrics("test"), checkToken: tokenChecker(publicKey(key), "hub"), missing: () => [], bodyLimit: 10_000 });
    const starting = (): never => { throw new Unavailable("The hub is starting."); };
    const catalogs = new Catalogs({ pool: starting, registry: new ServiceRegistry(), token: "", onCapacity: () => undefined, log });
    mountTasks(app, catalogs, starting);
    mountBulk(app, catalogs, starting);
  });
  afterEach(() => app.close());

  // It does not know any type yet: a 422 would tell the caller never to come back.
  for (const [url, payload] of [["/api/v1/tasks", task], ["/api/v1/tasks:batch", { tasks: [task] }]] as const) {
    it(`answers POST ${url} with 503, whatever the task`, async () => {
      const answer = await app.inject({ method: "POST", url, payload, headers: { authorization } });
      assert.equal(answer.statusCode, 503, answer.body);
    });
  }
});
