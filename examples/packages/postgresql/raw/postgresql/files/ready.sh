# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Succeeds when this server answers queries, and hands on settings that changed and need no restart.
[ ! -e /var/lib/postgresql/data/unfinished ] || exit 1
pg_isready -q -h 127.0.0.1 -t 2 || exit 1
cmp -s /etc/acmp-postgresql/reload.conf /run/postgresql/reload.conf && exit 0
cp /etc/acmp-postgresql/reload.conf /run/postgresql/reload.conf && kill -HUP "$(head -n 1 "$PGDATA/postmaster.pid")"
