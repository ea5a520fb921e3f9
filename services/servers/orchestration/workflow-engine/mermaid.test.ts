import assert from "node:assert/strict";
import { graphOf, type Graph } from "../../../../contract/workflow-graph.ts";
import { Workflow } from "../../../../contract/workflow.ts";
import { mermaidOf } from "./mermaid.ts";

describe("the flowchart of a workflow", () => {
  it("shows steps, needs, fan-outs, conditions and what undoes a step; quotes and ids cannot break it", () => {
    const workflow = Workflow.parse({ steps: [
      { id: "end", type: "builder", action: "compile", compensate: { type: "builder", action: "drop" } },
      { id: "each", type: "builder", action: "keep", forEach: { $from: "steps.end.result" } },
      { id: "gate", type: "admin", action: "report", needs: ["each"], when: { $from: "steps.end.result.ok", equals: "y\"#e\"s" } },
    ] });
    assert.deepEqual(mermaidOf(workflow, graphOf(workflow) as Graph).split("\n"), [
      "flowchart LR",
      '  s0["end<br/>builder.compile"]',
      '  s1[["each<br/>builder.keep<br/>for each item"]]',
      '  s2{{"gate<br/>admin.report<br/>when steps.end.result.ok = #quot;y\\#quot;#35;e\\#quot;s#quot;"}}',
      "  s0 --> s1",
      "  s1 --> s2",
      "  s0 --> s2",
      '  s0 -. undone by .-> s0u(["builder.drop"])',
    ]);
  });
});
