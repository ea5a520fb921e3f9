/**
 * Health probes. What a probe costs is the exec (40 ms of CPU), whatever it runs, so they are bash and its /dev/tcp,
 * and rare; `read -t` keeps one from outliving its timeout.
 */
import type { HealthSpec } from "../service-spec.ts";

const bash = (script: string): string[] => ["bash", "-c", script];

/** Healthy while `GET path` answers 200. */
export const httpProbe = (port: number, path: string): string[] => bash(request(port, path));

const request = (port: number, path: string): string =>
  `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ "$status" = 200 ]`;

/** The same, asked again for 4 s before it counts as unhealthy: at a start the engine's own interval would be waited for. */
export const patientHttpProbe = (port: number, path: string): string[] =>
  bash(`for _ in {1..20}; do ${request(port, path)} && exit; sleep 0.2; done; exit 1`);

/** Healthy while a JSON-RPC call without parameters answers 200. */
export function jsonRpcProbe(port: number, method: string): string[] {
  const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":[]}`;
  const head = `POST / HTTP/1.0\\r\\nContent-Type: application/json\\r\\nContent-Length: ${body.length}\\r\\n\\r\\n`;
  return bash(`exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${head}${body}' >&3 && read -r -t 4 _ status _ <&3 && [ "$status" = 200 ]`);
}

/**
 * Healthy while the broker answers the protocol header of AMQP 0-9-1 with a method frame (type 1), Connection.Start:
 * the port opens only after the definitions are in, and a frozen node does not answer.
 */
export const amqpProbe = (port: number): string[] =>
  bash(`exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'AMQP\\x00\\x00\\x09\\x01' >&3 && IFS= read -r -t 4 -N 1 frame <&3 && [ "$frame" = $'\\x01' ]`);

/** Infrastructure in steady state. */
export const steadily = (test: string[]): HealthSpec => ({
  test, intervalSeconds: 30, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 60,
});
