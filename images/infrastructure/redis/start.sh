#!/bin/bash
# Users that the deployment defines come from the secret file, as they stand there; users that were added at run time
# (ACL SETUSER, ACL SAVE) come from the data volume, so that a restart keeps them.
set -eu
umask 077
base=/run/secrets/base.acl
saved=/data/users.acl

cat "$base" > "$saved.new"
if [ -e "$saved" ]; then
  awk 'NR == FNR { defined[$2] = 1; next } $1 == "user" && !($2 in defined)' "$base" "$saved" >> "$saved.new"
fi
mv "$saved.new" "$saved"

# "1:M 23 Nov 2026 11:26:55.342 * Ready": role, time, and # for warnings.
json_log() {
  exec mawk -W interactive '
    {
      level = / # / ? "warn" : "info"
      sub(/^[0-9]+:[A-Z] [0-9]+ [A-Z][a-z]+ [0-9]+ [0-9:.]+ [-.*#] /, "")
      gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/[\001-\037]/, " ")
      printf "{\"service\":\"redis\",\"level\":\"%s\",\"time\":\"%s\",\"message\":\"%s\"}\n", level, strftime("%Y-%m-%dT%H:%M:%SZ", systime(), 1), $0
      fflush()
    }'
}

# A stop signal goes to the whole group (tini -g). The server heeds it; its log is written to the end, and then this
# shell passes on how it ended.
trap : TERM INT
redis-server /etc/mcp/redis.conf 2>&1 | (trap '' TERM INT; json_log)
exit "${PIPESTATUS[0]}"
