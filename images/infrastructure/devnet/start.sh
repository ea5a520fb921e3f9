#!/bin/bash
# anvil truncates its state file before it writes it, and refuses to start on half a file. A dump that is whole is
# therefore copied aside after each interval, and taken instead of one that a kill has cut off.
#
# /etc/mcp/devnet.conf sets DEVNET_CHAIN_ID, DEVNET_ACCOUNTS, DEVNET_BALANCE_ETHER and DEVNET_DUMP_SECONDS.
set -eu
. /etc/mcp/devnet.conf
state=/data/state.json
whole=/data/state.whole.json

# The last field of a dump, so a file that ends with it was written to its end.
is_whole() { [[ -s $1 && $(tail -c 25 "$1") == *'"historical_states":null}' ]]; }
keep() { is_whole $state && ! cmp -s $state $whole && cp $state $whole.new && is_whole $whole.new && mv $whole.new $whole; }

if ! is_whole $state && [[ -e $whole ]]; then
  echo '{"service":"devnet","level":"warn","message":"the last dump is incomplete; starting from the one before it"}'
  cp $whole $state
elif ! is_whole $state; then
  rm -f $state
fi
while sleep "$DEVNET_DUMP_SECONDS"; do keep || true; done &
exec anvil --quiet --host 0.0.0.0 --port 8545 --chain-id "$DEVNET_CHAIN_ID" \
  --accounts "$DEVNET_ACCOUNTS" --balance "$DEVNET_BALANCE_ETHER" \
  --state $state --state-interval "$DEVNET_DUMP_SECONDS"
