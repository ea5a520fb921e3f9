/** A request and the client that waits for its answer. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { TokenClaims } from "../../../contract/access.ts";
import type { InboundRequest } from "./protocol/inbound.ts";
import { errorText, INVALID_PARAMS, type Refusal } from "./protocol/refusal.ts";
import { send, toolFailure } from "./relay/relay.ts";

export interface Exchange {
  request: InboundRequest;
  caller: TokenClaims;
  headers: IncomingHttpHeaders;
  response: ServerResponse;
  /** The client asked for the search tools instead of the full list. */
  search: boolean;
}

/** @param json the result as JSON text */
export const succeed = ({ request, response }: Exchange, json: string): void => send(response, `{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},"result":${json}}`);

export const refuse = ({ request, response }: Exchange, refusal: Refusal): void => send(response, errorText(request.id, refusal), refusal.status);

/** Tells a model: as the result of the tool that it called. */
export const failTool = ({ request, response }: Exchange, text: string): void => send(response, JSON.stringify(toolFailure(request.id, text)));

export const invalid = (message: string): Refusal => ({ status: 200, code: INVALID_PARAMS, message });
