/** Whose request it is, as {@link mountServer} tells the SDK. */
import type { ServerContext } from "@modelcontextprotocol/server";
import type { TokenClaims } from "../../../contract/access.ts";

export const callerOf = (ctx: ServerContext): TokenClaims | null => (ctx.http?.authInfo?.extra?.["claims"] as TokenClaims | undefined) ?? null;
