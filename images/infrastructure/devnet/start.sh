#!/bin/bash
# anvil truncates its state file before it writes it, and refuses to start on half a file. A dump that is whole is
# therefore copied aside after each interval, and taken instead of one that a kill has cut off.
#
# A new chain starts with the market that the image brings. A chain that grew from another one is set aside: its contracts
# are not where services would look for them. A file /data/reset, which it takes away again, asks for a new chain.
#
# A fork begins at its block with each start: it has no market, leaves dumps alone, and takes a request for a new chain as done.
#
# /etc/mcp/devnet.conf sets DEVNET_CHAIN_ID, DEVNET_FORK_URL, DEVNET_FORK_BLOCK, DEVNET_ACCOUNTS, DEVNET_BLOCK_SECONDS,
# DEVNET_KEPT_BLOCKS and DEVNET_DUMP_SECONDS.
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

chain=(--quiet --host 0.0.0.0 --port 8545 --chain-id "$DEVNET_CHAIN_ID" --accounts "$DEVNET_ACCOUNTS"
  --prune-history "$DEVNET_KEPT_BLOCKS" --transaction-block-keeper "$DEVNET_KEPT_BLOCKS")
[[ $DEVNET_BLOCK_SECONDS == 0 ]] || chain+=(--block-time "$DEVNET_BLOCK_SECONDS")

if [[ -n $DEVNET_FORK_URL ]]; then
  rm -f /data/reset
  at=${DEVNET_FORK_URL#http://}
  # anvil asks once and ends: whoever starts beside it is waited for here, and the engine need not start it again.
  until : 2>/dev/null <>"/dev/tcp/${at/:/\/}"; do sleep 0.2; done
  [[ -z $DEVNET_FORK_BLOCK ]] || chain+=(--fork-block-number "$DEVNET_FORK_BLOCK")
  # What was read of one chain would be taken for another's: the cache knows it by its host, which is the same for all.
  exec anvil "${chain[@]}" --fork-url "$DEVNET_FORK_URL" --no-storage-caching
fi

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
exec anvil "${chain[@]}" --state $state --state-interval "$DEVNET_DUMP_SECONDS"
