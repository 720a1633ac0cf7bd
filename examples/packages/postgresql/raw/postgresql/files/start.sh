# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Prepares what only this pod knows (memory, passwords, what its volume holds) and becomes the server.
# Counts on the official image's programs: docker-entrypoint.sh, postgres, psql, pg_isready, pg_basebackup, pg_controldata.
set -eu
umask 077

volume=/var/lib/postgresql/data
unfinished=$volume/unfinished
config=/etc/acmp-postgresql

fail() {
  echo "start.sh: $*" >&2
  exit 1
}

# One field of the data's control file.
control() {
  pg_controldata "$PGDATA" | sed -n "s/^$1: *//p"
}

kilobytes=$((MEMORY_LIMIT / 1024))
set -- -c "config_file=$config/postgresql.conf" \
  -c "shared_buffers=$((kilobytes * SHARED_BUFFERS_PERCENT / 100))kB" -c "effective_cache_size=$((kilobytes / 2))kB"
cp "$config/reload.conf" /run/postgresql/reload.conf

# Killed while it was made: nobody has used it yet, because no probe lets such a server become ready.
if [ -e "$unfinished" ]; then
  echo "start.sh: what an earlier start left unfinished is made anew"
  rm -rf "$PGDATA"
fi

if [ "$ROLE" = primary ]; then
  if [ -s "$PGDATA/PG_VERSION" ]; then
    # fsGroup may have given the group rights that the server refuses.
    chmod 0700 "$PGDATA"
    # The Secret is right, also where the data is older than it. A server for this alone, which nobody reaches; nothing of it is logged.
    statements=$(sh "$config/roles.sh")
    printf '%s\n' "$statements" | postgres --single "$@" -c exit_on_error=on -c log_statement=none -c log_min_duration_statement=-1 \
      -c pg_stat_statements.track_utility=off postgres > /dev/null || fail "the passwords could not be set, see above"
  else
    [ -z "$(ls -A "$PGDATA" 2> /dev/null)" ] || fail "$PGDATA holds something that is no whole database. To do: look at it; it is left as it is"
    # Taken away by initdb.sh, the last thing the entrypoint runs before the database is open.
    touch "$unfinished"
  fi
  exec docker-entrypoint.sh postgres "$@"
fi

. "$config/replication.sh"
printf '*:*:*:acmp_replication:%s\n' "$(sed 's/[:\\]/\\&/g' /etc/acmp-postgresql-auth/replication-password)" > "$pgpass"
child=
trap 'kill $child 2> /dev/null; exit 143' TERM INT

# A copy follows the primary only while the primary keeps what it has not read yet, which is what the slot is for.
if [ -s "$PGDATA/PG_VERSION" ] && system=$(ask IDENTIFY_SYSTEM); then
  if [ "${system%%|*}" != "$(control 'Database system identifier')" ]; then
    fail "this volume holds a copy of another database than the primary's. To do: delete claim $CLAIM and this pod where that copy is not needed"
  fi
  if slot_is_lost; then
    echo "start.sh: the primary has gone on without this replica for too long, so it is copied anew"
    touch "$unfinished"
    rm -rf "$PGDATA"
  fi
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  touch "$unfinished"
  echo "start.sh: waiting for the primary at $PRIMARY_HOST:$PRIMARY_PORT"
  until pg_isready -q -h "$PRIMARY_HOST" -p "$PRIMARY_PORT" && slot=$(ask "READ_REPLICATION_SLOT $SLOT"); do
    sleep 1 &
    child=$!
    wait "$child"
  done
  case $slot in
    'physical|'?*'|'*) ;;
    *)
      [ "$slot" = '||' ] || ask "DROP_REPLICATION_SLOT $SLOT" > /dev/null
      ask "CREATE_REPLICATION_SLOT $SLOT PHYSICAL RESERVE_WAL" > /dev/null
      ;;
  esac
  rm -rf "$PGDATA"
  echo "start.sh: copying the primary's data"
  pg_basebackup -d "$primary" -D "$PGDATA" -S "$SLOT" -X stream -c fast --no-password &
  child=$!
  wait "$child" || fail "the primary's data could not be copied, see above"
  touch "$PGDATA/standby.signal"
  rm "$unfinished"
fi
chmod 0700 "$PGDATA"
touch "$PGDATA/standby.signal"

# A replica must not allow less than the primary did when it wrote what this one has still to read.
while read -r field name; do
  was=$(control "$field setting")
  if [ "$was" -gt "$(postgres -C "$name" "$@")" ]; then
    set -- "$@" -c "$name=$was"
  fi
done << 'SETTINGS'
max_connections max_connections
max_worker_processes max_worker_processes
max_wal_senders max_wal_senders
max_prepared_xacts max_prepared_transactions
max_locks_per_xact max_locks_per_transaction
SETTINGS

trap - TERM INT
exec docker-entrypoint.sh postgres "$@" -c "primary_conninfo=$primary" -c "primary_slot_name=$SLOT"
