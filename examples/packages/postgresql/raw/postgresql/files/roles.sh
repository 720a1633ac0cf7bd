# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Prints the statements that make the replication role and give both roles the passwords of the Secret, one line each.
set -eu

# The Secret's key $1 as a literal of SQL.
literal() {
  value=$(cat "/etc/acmp-postgresql-auth/$1")
  newline='
'
  case $value in
    '') echo "roles.sh: $1 in the Secret is empty; an empty password is not allowed" >&2; exit 1 ;;
    *"$newline"*) echo "roles.sh: $1 in the Secret holds a line break" >&2; exit 1 ;;
  esac
  printf "'%s'" "$(printf '%s' "$value" | sed "s/'/''/g")"
}

superuser=$(literal password)
replication=$(literal replication-password)
cat << SQL
DO \$\$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'acmp_replication') THEN CREATE ROLE acmp_replication; END IF; END \$\$;
ALTER ROLE acmp_replication LOGIN REPLICATION PASSWORD $replication;
ALTER ROLE postgres LOGIN SUPERUSER PASSWORD $superuser;
SQL
