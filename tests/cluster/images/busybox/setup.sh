#!/bin/sh
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The package brings the program alone: its many names, the users and the usual folders are the image's business.
root=$1
cd "$root" || exit 1
mkdir -p bin sbin usr/bin usr/sbin etc tmp root home var/spool proc sys dev
chmod 1777 "$root/tmp"
for name in $(chroot "$root" /bin/busybox --list); do
  [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
done
ln -sf ../../bin/env "$root/usr/bin/env"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
