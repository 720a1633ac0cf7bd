# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Fails when the server does not answer at all (recovering and stopping are answers), or when the primary no longer keeps what
# this replica has to read: it is copied anew then. A replica that does not reach its primary lives: stale reads are better than none.
[ ! -e /var/lib/postgresql/data/unfinished ] || exit 0
pg_isready -q -h 127.0.0.1 -t 5
[ "$?" -le 1 ] || exit 1
[ "$ROLE" = replica ] || exit 0
receiving=$(psql -XAtqw -U postgres -d postgres -c 'SELECT count(*) FROM pg_stat_wal_receiver' 2> /dev/null) || exit 0
[ "$receiving" = 0 ] || exit 0
. /etc/acmp-postgresql/replication.sh
! slot_is_lost 2> /dev/null
