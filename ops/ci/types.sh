#!/bin/sh
# Type check of every file. The npm packages must be there: any ./mcp command installs them.
set -eu
cd "$(dirname "$0")/../.."
exec node_modules/node-linux-*/bin/node node_modules/typescript/bin/tsc --noEmit --project tsconfig.json --pretty false
