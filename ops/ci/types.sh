#!/bin/sh
# Type check of every file, of what has changed since the last one. The npm packages must be there: any ./mcp command installs them.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p .mcp/cache
exec node_modules/node-linux-*/bin/node node_modules/typescript/bin/tsc --noEmit --project tsconfig.json --pretty false \
  --incremental --tsBuildInfoFile .mcp/cache/types.tsbuildinfo
