#!/bin/sh
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

root=$1
mkdir -p "$root/data"
chown 999:999 "$root/data"
# Charts name the programs by the official image's folder.
for name in redis-cli redis-benchmark redis-check-aof redis-check-rdb; do
  ln -s "../../bin/$name" "$root/usr/local/bin/$name"
done
ln -s redis-server "$root/usr/local/bin/redis-sentinel"
chmod 755 "$root/usr/local/bin/redis-server" "$root/usr/local/bin/docker-entrypoint.sh"
