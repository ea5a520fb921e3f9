/** Two of the servers that are deployed, behind the gateway, on loopback ports: their tools are the real ones. */
import type { AddressInfo } from "node:net";
import { GatewayRig, TOKEN_PUBLIC_KEY } from "../../services/hub/gateway/testing/gateway-rig.ts";
import { createHttpApp, type HttpApp } from "../../services/kit/http.ts";
import { mountMcp } from "../../services/kit/mcp/endpoint.ts";
import { createMetrics } from "../../services/kit/metrics.ts";
import { silentLog } from "../../services/kit/testing.ts";
import { tokenChecker } from "../../services/kit/tokens.ts";
import type { Tool } from "../../services/kit/tool.ts";
import { Compiler } from "../../services/servers/blockchain/contract-workbench/compiler.ts";
import type { Deps } from "../../services/servers/blockchain/contract-workbench/deps.ts";
import { tools as workbench } from "../../services/servers/blockchain/contract-workbench/tools.ts";
import { connectChain } from "../../services/servers/shared/evm-client.ts";
import { tools as toolbox } from "../../services/servers/utils/toolbox/tools.ts";

/** Nothing listens there: the chain is away. */
const NO_CHAIN = "http://127.0.0.1:9";

export interface RealServers {
  rig: GatewayRig;
  /** As clients see them, in order. */
  tools: string[];
  stop(): Promise<void>;
}

export async function startRealServers(): Promise<RealServers> {
  const rig = await new GatewayRig().start();
  const compiler = new Compiler();
  const apps = [
    await serve<null>(rig, "toolbox", toolbox, null),
    await serve<Deps>(rig, "contract-workbench", workbench, { compiler, chain: connectChain(NO_CHAIN), devnetChainId: null }),
  ];
  const tools = [...toolbox.map(({ name }) => `toolbox.${name}`), ...workbench.map(({ name }) => `contract-workbench.${name}`)].sort();
  await rig.offers(tools.length);
  return {
    rig, tools,
    async stop() {
      await rig.stop();
      await Promise.all(apps.map((close) => close()));
      await compiler.close();
    },
  };
}

/** Registers it once it listens. */
async function serve<D>(rig: GatewayRig, name: string, tools: readonly Tool<D>[], deps: D): Promise<() => Promise<void>> {
  const metrics = createMetrics(name);
  const app: HttpApp = createHttpApp({ log: silentLog, metrics, checkToken: tokenChecker(TOKEN_PUBLIC_KEY, `server:${name}`), missing: () => [] });
  const endpoint = mountMcp(app, { name, version: "1", instructions: "", tools, deps: () => deps, log: silentLog, metrics, allowedHosts: [] });
  await app.listen({ host: "127.0.0.1", port: 0 });
  rig.register(name, (app.server.address() as AddressInfo).port);
  return async () => {
    await endpoint.close();
    app.server.closeAllConnections();
    await app.close();
  };
}
