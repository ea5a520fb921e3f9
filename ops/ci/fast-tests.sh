#!/bin/sh
# Unit, program, property and launcher tests, import arrows, generated files: all but the live tests.
set -eu
cd "$(dirname "$0")/../.."
exec ./mcp test --fast </dev/null
