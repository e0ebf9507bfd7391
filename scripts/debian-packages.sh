#!/usr/bin/env bash
# What virtual machines need, from Debian's own packages: QEMU, and what makes disk images. Run as root.
set -euo pipefail

apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
  qemu-system-x86 qemu-utils ovmf netcat-openbsd \
  gcc libc6-dev syslinux syslinux-common mtools dosfstools squashfs-tools cpio xz-utils e2fsprogs
