/** What this server offers. */
import { findSymbol } from "./tools/find-symbol.ts";
import { getFileOutline } from "./tools/get-file-outline.ts";
import { listRepositories } from "./tools/list-repositories.ts";
import { readLines } from "./tools/read-lines.ts";
import { searchCode } from "./tools/search-code.ts";

export const tools = [findSymbol, getFileOutline, listRepositories, readLines, searchCode];
