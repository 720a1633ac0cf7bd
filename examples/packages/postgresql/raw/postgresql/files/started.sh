# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Succeeds at the moment the server becomes ready, without waiting for the kubelet's next look; fails after four seconds, and the
# probe's threshold counts on five for each round. A replica gets this time to catch up with its primary: what it knows may be older
# than the passwords. While a database is made or copied this is content: that may take long, and beginning again would not help.
ready() {
  sh /etc/acmp-postgresql/ready.sh
}

# Whether a replica has read what the primary has; true for the primary.
caught_up() {
  [ "$ROLE" = primary ] || [ "$(psql -XAtqw -U postgres -d postgres -c \
    'SELECT bool_or(pg_last_wal_replay_lsn() >= latest_end_lsn) FROM pg_stat_wal_receiver' 2> /dev/null)" = t ]
}

end=$(($(date +%s) + 4))
while [ "$(date +%s)" -le "$end" ]; do
  ready && caught_up && exit 0
  sleep 0.1 || break
done
[ -e /var/lib/postgresql/data/unfinished ] || ready
