#!/bin/sh
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

root=$1
# Debian's package makes a database of its own; the official image's entrypoint makes one where PGDATA says.
rm -rf "$root/var/lib/postgresql" "$root/etc/postgresql" "$root/var/log/postgresql"
mkdir -p "$root/docker-entrypoint-initdb.d" "$root/var/lib/postgresql/data" "$root/var/run/postgresql"
chown -R 999:999 "$root/var/lib/postgresql" "$root/var/run/postgresql"
chmod 1777 "$root/var/lib/postgresql/data"
chmod 3777 "$root/var/run/postgresql"
sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" "$root/usr/share/postgresql/15/postgresql.conf.sample"
grep -q "^listen_addresses = '\*'" "$root/usr/share/postgresql/15/postgresql.conf.sample"
chroot "$root" localedef -i en_US -c -f UTF-8 -A /etc/locale.alias en_US.UTF-8
# Three quarters of the image, for compiling queries that no test has; the server does without when they are missing.
rm -rf "$root"/usr/lib/*/libLLVM-14* "$root"/usr/lib/llvm-14 "$root"/usr/lib/postgresql/15/lib/llvmjit* "$root"/usr/lib/postgresql/15/lib/bitcode
chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
