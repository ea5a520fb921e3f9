/** Small exact conversions that models get wrong by themselves: units, ABI, hashes, addresses, time, schemas. */
import { runMcpServer } from "../../../kit/server.ts";
import { tools } from "./tools.ts";

await runMcpServer<null>({
  name: "toolbox",
  instructions: [
    "Exact conversions without any state: token units, ABI data, hashes, selectors, addresses, times and schemas.",
    "Numbers that may exceed 2^53 travel as decimal strings.",
  ].join(" "),
  tools,
  async connect() {
    return null;
  },
});
