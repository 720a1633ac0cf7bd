# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Writes the part of the configuration that is known only here (password, memory, role) and becomes redis-server.
# Counts on sh, redis-server and redis-cli only; rm is needed once when the append-only log is switched off.
set -eu
umask 077

main_conf=/run/redis/redis.conf
once_conf=/run/redis/once.conf
once_socket=/run/redis/once.sock
manifest=/data/appendonlydir/appendonly.aof.manifest
once_pid=

fail() {
  echo "start.sh: $*" >&2
  exit 1
}

# $1 as a quoted string of redis.conf.
quoted() {
  rest=$1
  result=
  while [ -n "$rest" ]; do
    tail=${rest#?}
    char=${rest%"$tail"}
    case $char in
      \\ | \") result="$result\\$char" ;;
      *) result="$result$char" ;;
    esac
    rest=$tail
  done
  printf '"%s"' "$result"
}

# One field of INFO persistence, from the server on the private socket.
persistence() {
  redis-cli -s "$once_socket" info persistence | while IFS=: read -r field value; do
    if [ "$field" = "$1" ]; then
      printf '%s' "${value%?}" # INFO ends its lines with CR LF
    fi
  done
}

# Starts a server nobody else can reach, with the append-only log $1 (yes, no), and waits until it has loaded the data.
once_start() {
  printf 'include %s\nport 0\nunixsocket %s\nsave ""\nappendonly %s\n' "$main_conf" "$once_socket" "$1" > "$once_conf"
  redis-server "$once_conf" &
  once_pid=$!
  trap 'kill "$once_pid"; wait "$once_pid"; exit 143' TERM INT
  until [ "$(redis-cli -s "$once_socket" ping 2>&1)" = PONG ]; do
    kill -0 "$once_pid" || fail "the data in /data could not be loaded, see above"
    sleep 0.1
  done
}

once_stop() {
  redis-cli -s "$once_socket" shutdown nosave
  wait "$once_pid"
  trap - TERM INT
}

newline='
'
case ${REDISCLI_AUTH:-} in
  '') fail 'the password in the Secret is empty; an empty password is not allowed' ;;
  *"$newline"*) fail 'the password in the Secret holds a line break (often one at the end, put there by an editor or by echo)' ;;
esac

password=$(quoted "$REDISCLI_AUTH")
{
  echo 'include /etc/acmp-redis/redis.conf'
  echo "maxmemory $((MEMORY_LIMIT * MAXMEMORY_PERCENT / 100))"
  printf '%s\n' "requirepass $password" "masterauth $password"
} > "$main_conf"

# Redis reads either the log or the snapshot, by what `appendonly` says now, and then overwrites the other one:
# after a change of the setting it would start empty. So the data is carried over first.
if [ "$ROLE" = primary ]; then
  if [ "$APPENDONLY" = yes ] && [ ! -e "$manifest" ] && [ -s /data/dump.rdb ]; then
    echo "start.sh: appendonly was switched on, writing the log from the snapshot"
    once_start no
    [ "$(redis-cli -s "$once_socket" config set appendonly yes)" = OK ] || fail "the append-only log cannot be switched on"
    until [ "$(persistence aof_rewrite_scheduled)$(persistence aof_rewrite_in_progress)" = 00 ] && [ -e "$manifest" ]; do
      [ "$(persistence aof_last_bgrewrite_status)" = ok ] || fail "writing the append-only log failed"
      sleep 0.1
    done
    once_stop
  elif [ "$APPENDONLY" = no ] && [ -e "$manifest" ]; then
    echo "start.sh: appendonly was switched off, writing the snapshot from the log"
    once_start yes
    [ "$(redis-cli -s "$once_socket" save)" = OK ] || fail "the snapshot cannot be written"
    once_stop
    rm -r /data/appendonlydir
  fi
else
  echo "replicaof $PRIMARY_HOST $PRIMARY_PORT" >> "$main_conf"
fi

exec redis-server "$main_conf"
