#!/bin/bash
# anvil truncates its state file before it writes it, and refuses to start on half a file. A dump that is whole is
# therefore copied aside after each interval, and taken instead of one that a kill has cut off.
#
# A new chain starts with the market that the image brings. A chain that grew from another one is set aside: its contracts
# are not where services would look for them. A file /data/reset, which it takes away again, asks for a new chain.
#
# /etc/mcp/devnet.conf sets DEVNET_CHAIN_ID, DEVNET_ACCOUNTS, DEVNET_BLOCK_SECONDS, DEVNET_KEPT_BLOCKS and DEVNET_DUMP_SECONDS.
set -eu
. /etc/mcp/devnet.conf
market=/usr/local/share/market
state=/data/state.json
whole=/data/state.whole.json
grown=/data/market.id

# The last field of a dump, so a file that ends with it was written to its end.
is_whole() { [[ -s $1 && $(tail -c 25 "$1") == *'"historical_states":null}' ]]; }
keep() { is_whole $state && ! cmp -s $state $whole && cp $state $whole.new && is_whole $whole.new && mv $whole.new $whole; }
say() { echo "{\"service\":\"devnet\",\"level\":\"warn\",\"message\":\"$1\"}"; }

if [[ -e /data/reset ]] || ! cmp -s $market/market.id $grown; then
  if [[ ! -e /data/reset ]] && is_whole $state; then
    say "this chain did not grow from the image's market; it is kept as state.before.json, and a new one begins"
    mv -f $state /data/state.before.json
  fi
  cp $market/market.json $whole.new
  mv $whole.new $whole
  rm -f $state
  # Last: whoever is killed before begins again.
  cp $market/market.id $grown
  rm -f /data/reset
fi
if ! is_whole $state; then
  [[ ! -e $state ]] || say "the last dump is incomplete; starting from the one before it"
  cp $whole $state
fi
while sleep "$DEVNET_DUMP_SECONDS"; do keep || true; done &
mining=()
[[ $DEVNET_BLOCK_SECONDS == 0 ]] || mining=(--block-time "$DEVNET_BLOCK_SECONDS")
exec anvil --quiet --host 0.0.0.0 --port 8545 --chain-id "$DEVNET_CHAIN_ID" --accounts "$DEVNET_ACCOUNTS" "${mining[@]}" \
  --prune-history "$DEVNET_KEPT_BLOCKS" --transaction-block-keeper "$DEVNET_KEPT_BLOCKS" \
  --state $state --state-interval "$DEVNET_DUMP_SECONDS"
