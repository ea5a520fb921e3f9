#!/bin/bash
# The cluster is made in a side folder and renamed when it is whole, so that an interrupted first start begins again.
# Roles are applied, without network, at the first start and whenever roles.sql has changed since (a rotated password).
set -eu
umask 077
data=/data/cluster
config=/etc/mcp
roles=/run/secrets/roles.sql
applied=/data/roles.applied
options="-c config_file=$config/postgresql.conf -c hba_file=$config/pg_hba.conf -c ident_file=$config/pg_ident.conf"

apply_roles() { # cluster
  # -s: stdout of a log is the log; the server inherits it.
  pg_ctl -D "$1" -s -w -t 60 -o "$options -c listen_addresses=''" start
  psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres -f $roles
  psql -X -q -v ON_ERROR_STOP=1 -U postgres -d mcp -1 -f $config/database.sql
  pg_ctl -D "$1" -s -m fast -w stop
}

# This container is the cluster's only user: after a kill these files name a process of nobody, or one of this start.
rm -f $data/postmaster.pid /run/postgresql/.s.PGSQL.*

fingerprint=$(cat $roles $config/database.sql | sha256sum)
if [ ! -s $data/PG_VERSION ]; then
  rm -rf $data.new
  initdb -D $data.new -U postgres --auth-local=peer --auth-host=reject --encoding=UTF8 \
    --locale-provider=builtin --locale=C.UTF-8 --data-checksums >/dev/null
  apply_roles $data.new
  mv $data.new $data
  echo "$fingerprint" > $applied
elif [ "$fingerprint" != "$(cat $applied 2>/dev/null)" ]; then
  apply_roles $data
  echo "$fingerprint" > $applied
fi

# "LOG:  checkpoint starting": lines without a severity go on from the one before.
json_log() {
  exec mawk -W interactive '
    {
      if (match($0, /^(PANIC|FATAL|ERROR):/)) level = "error"
      else if (match($0, /^WARNING:/)) level = "warn"
      else if (match($0, /^[A-Z]+:/) && !match($0, /^(DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):/)) level = "info"
      else if (level == "") level = "info"
      gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/[\001-\037]/, " ")
      printf "{\"service\":\"postgres\",\"level\":\"%s\",\"time\":\"%s\",\"message\":\"%s\"}\n", level, strftime("%Y-%m-%dT%H:%M:%SZ", systime(), 1), $0
      fflush()
    }'
}

# A stop signal goes to the whole group (tini -g). The server heeds it; its log is written to the end, and then this
# shell passes on how it ended.
trap : TERM INT
postgres -D $data $options 2>&1 | (trap '' TERM INT; json_log)
exit "${PIPESTATUS[0]}"
