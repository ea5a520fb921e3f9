import type { Verb } from "../cli/verb.ts";
import { newAgent, newServer } from "../scaffold/scaffold.ts";
import { misused } from "../system/failure.ts";

export const newVerb: Verb = {
  name: "new",
  synopsis: "server <category> <name> | agent <type>",
  summary: "Make a new MCP server or agent type that works, to begin from",
  details: `
Copies templates/ to services/, and gives it a catalogue entry with the next free port. The result passes the tests and
deploys as it is.`,
  positionals: { min: 2, max: 3 },
  async run({ args, paths, ui }) {
    const [kind, ...words] = args.positionals;
    const name = words.at(-1)!;
    if (!(kind === "server" && words.length === 2) && !(kind === "agent" && words.length === 1)) {
      throw misused('new: it is called as "./mcp new server <category> <name>" or "./mcp new agent <type>".');
    }
    const made = kind === "server" ? newServer(paths.root, words[0]!, name) : newAgent(paths.root, name);
    console.log(`${made.folder}: the code, its README says what is what`);
    console.log(`${made.catalogFile}: its entry${made.port === null ? "" : `, port ${made.port}`}`);
    ui.say(`Next: ./mcp test --fast --grep ${name} tests it, ./mcp up deploys it, ./mcp dev ${name} follows your changes.`);
    return 0;
  },
};
