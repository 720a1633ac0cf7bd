# Copyright: (c) 2026, acmp.middleware contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Succeeds at the moment Redis becomes ready, without waiting for the kubelet's next second. Fails after about one
# second without any answer; after about five it is content with any: a Redis that loads much data, or that waits for
# its primary, has started.
tries=0
while [ "$tries" -lt 50 ]; do
  sh /etc/acmp-redis/ready.sh && exit 0
  tries=$((tries + 1))
  if [ "$tries" -eq 10 ]; then
    redis-cli -h 127.0.0.1 ping || exit 1
  fi
  sleep 0.1 || break
done
redis-cli -h 127.0.0.1 ping
