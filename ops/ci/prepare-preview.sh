#!/bin/sh
# Makes a throwaway backend with a throwaway passphrase and an empty stack in it, so that a preview needs no secrets.
# usage: prepare-preview.sh STACK
# Appends the variables for it, as NAME=value lines, to the file $GITHUB_ENV (standard output without one).
set -eu
cd "$(dirname "$0")/../.."
stack=$1
backend=$(mktemp -d)
export PULUMI_BACKEND_URL="file://$backend" PULUMI_CONFIG_PASSPHRASE=throwaway
unset PULUMI_CONFIG_PASSPHRASE_FILE

settings=$(./mcp env)
eval "$settings"
# Also copies the stack's settings to where Pulumi looks for them.
pulumi stack init "$stack" --non-interactive >&2

for name in PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE PULUMI_HOME PULUMI_SKIP_UPDATE_CHECK PULUMI_PARALLEL NODE_COMPILE_CACHE; do
  eval "printf '%s=%s\n' \"$name\" \"\$$name\""
done >>"${GITHUB_ENV:-/dev/stdout}"
# The program runs under the Node that package.json pins.
for folder in node_modules/node-linux-*/bin; do
  if [ -n "${GITHUB_PATH:-}" ]; then echo "$PWD/$folder" >>"$GITHUB_PATH"; fi
done
