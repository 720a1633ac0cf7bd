# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Run by the image's entrypoint as the last file of /docker-entrypoint-initdb.d, while only it reaches the new database.
set -eu
statements=$(sh /etc/acmp-postgresql/roles.sh)
printf '%s\n' "$statements" |
  PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1' psql -Xq -v ON_ERROR_STOP=1 --no-password -U postgres -d postgres
rm /var/lib/postgresql/data/unfinished
