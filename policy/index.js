// Pulumi's runner of policy packs type-checks a TypeScript entry point with ts-node, on every preview. From here Node
// takes over and strips the types itself.
import "./pack.ts";
