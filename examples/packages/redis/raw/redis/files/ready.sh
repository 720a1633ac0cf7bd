# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Succeeds when this Redis can serve: it answers with PONG (not while it loads its data), and a replica has
# had the primary's data at least once. A replica that loses the primary later stays ready: stale reads are
# better than none.
[ "$(redis-cli -h 127.0.0.1 ping 2>&1)" = PONG ] || exit 1
[ "$ROLE" = replica ] || exit 0
case $(redis-cli -h 127.0.0.1 info replication) in
  *master_link_status:up*) exit 0 ;;
  *master_link_down_since_seconds:-1*) exit 1 ;;
  *master_sync_in_progress:1*) exit 1 ;;
  *master_link_down_since_seconds:*) exit 0 ;;
esac
exit 1
