#!/bin/sh
# nginx takes credentials from its configuration only, so the secret becomes a file to include; /tmp is the container's own.
set -eu
umask 077
password=$(cat /run/secrets/rabbitmq_operator_password)
basic=$(printf 'operator:%s' "$password" | base64 -w0)
printf 'proxy_set_header Authorization "Basic %s";\n' "$basic" > /tmp/rabbitmq-operator.conf
exec nginx -c /etc/mcp/nginx.conf -e /dev/stderr
