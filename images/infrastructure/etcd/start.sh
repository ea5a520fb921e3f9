#!/bin/sh
# etcd never listens beyond loopback before authentication is on. /data/root-password is the password that the store
# knows: where the secret differs from it, the root user is new or its password has been rotated.
set -eu
umask 077
secret=/run/secrets/root_password
known=/data/root-password
endpoint=http://127.0.0.1:2379

on_loopback() {
  etcd --name etcd --data-dir /data/etcd --bcrypt-cost 4 --log-level error \
    --listen-client-urls $endpoint --advertise-client-urls $endpoint \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster etcd=http://127.0.0.1:2380 &
  server=$!
  "$@"
  kill $server
  { wait $server || true; } 2>/dev/null
  # Written beside and renamed: an interrupted first start begins again, and never takes half a password for a whole one.
  cat $secret > $known.new
  sync $known.new
  mv $known.new $known
}

ctl() { etcdctl --endpoints=$endpoint --dial-timeout=20s --command-timeout=20s "$@" >/dev/null; }

enable_authentication() {
  ctl endpoint health
  ctl user add root --interactive=false < $secret
  ctl user grant-role root root
  ctl auth enable
}

rotate_root_password() {
  # In the environment, not on the command line, which every process may read.
  ETCDCTL_USER="root:$(cat $known)"
  export ETCDCTL_USER
  if ! ctl user passwd root --interactive=false < $secret; then
    # Interrupted after the change and before the note of it.
    ETCDCTL_USER="root:$(cat $secret)"
    ctl get /
  fi
  unset ETCDCTL_USER
}

if [ ! -e $known ]; then
  rm -rf /data/etcd
  on_loopback enable_authentication
elif ! cmp -s $secret $known; then
  on_loopback rotate_root_password
fi
exec etcd --config-file /etc/mcp/etcd.yaml
