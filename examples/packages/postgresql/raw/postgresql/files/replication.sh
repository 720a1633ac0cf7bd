# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# How a replica speaks to its primary; read by start.sh and alive.sh.
pgpass=/run/postgresql/pgpass
primary="host=$PRIMARY_HOST port=$PRIMARY_PORT user=acmp_replication passfile=$pgpass application_name=$HOSTNAME connect_timeout=5 gssencmode=disable"

# The answer to a command of the replication protocol; fails where the primary cannot be asked.
ask() {
  psql -XAtqw -d "$primary replication=true" -c "$1"
}

# Whether the primary says that it no longer keeps what this replica has not read yet.
slot_is_lost() {
  kept=$(ask "READ_REPLICATION_SLOT $SLOT") || return 1
  case $kept in
    'physical|'?*'|'*) return 1 ;;
  esac
}
