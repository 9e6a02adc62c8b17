#!/usr/bin/env bash
# Installs the package on a bare Debian 12 and says what became of it: the user, the files, the
# programs, that nothing was started, that removal leaves the configuration and the counts. Root,
# debootstrap, lintian.
#
#   check.sh PACKAGE.deb [ROOTFS]     a bootstrapped folder to copy, instead of a new one
set -euo pipefail
package=${1:?PACKAGE.deb, for example build/release/walpulse_0.1.0_amd64.deb} given=${2:-}
say() { printf 'package: %s\n' "$*"; }
fail() {
  printf 'package: FAILED: %s\n' "$*" >&2
  exit 1
}

say 'lintian'
lintian --fail-on error,warning --suppress-tags bad-distribution-in-changes-file "$package" ||
  fail 'lintian has something to say'

work=$(mktemp -d)
trap 'umount -q "$work/root/proc" || true; rm -rf "$work"' EXIT
if [ -n "$given" ]; then
  cp -a "$given" "$work/root"
else
  say 'bootstrapping Debian 12'
  debootstrap --variant=minbase bookworm "$work/root" >/dev/null
fi
mount -t proc proc "$work/root/proc"
cp /etc/resolv.conf "$work/root/etc/resolv.conf"
cp "$package" "$work/root/tmp/walpulse.deb"
in_root() { chroot "$work/root" /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }

# What starts a service asks this first; it must not be asked.
printf '#!/bin/sh\necho "$@" >>/tmp/asked\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
chmod +x "$work/root/usr/sbin/policy-rc.d"
in_root apt-get update -qq
in_root apt-get install -y -qq --no-install-recommends /tmp/walpulse.deb >/dev/null 2>"$work/errors" ||
  fail "installing: $(cat "$work/errors")"
[ ! -e "$work/root/tmp/asked" ] || fail 'installing asked to start a service'

[ "$(in_root stat -c '%U:%G %a' /etc/walpulse/connector.toml)" = 'root:walpulse 640' ] ||
  fail "the configuration is $(in_root stat -c '%U:%G %a' /etc/walpulse/connector.toml)"
[[ $(in_root getent passwd walpulse) == *nologin || $(in_root getent passwd walpulse) == */bin/false ]] ||
  fail "the user is $(in_root getent passwd walpulse)"
for program in connector monitor; do
  say "$(in_root "walpulse-$program" --version)"
done
# The templates are read, and say what is still missing.
code=0
in_root walpulse-connector run >"$work/out" 2>&1 || code=$?
[ "$code" -eq 78 ] || [ "$code" -eq 64 ] || fail "run without a DSN ends with $code: $(cat "$work/out")"
in_root install -d -o walpulse -g walpulse /var/lib/walpulse
in_root setpriv --reuid walpulse --regid walpulse --clear-groups \
  timeout -s TERM 3 walpulse-monitor serve --http-port 0 >"$work/out" 2>&1 || code=$?
[ -s "$work/root/var/lib/walpulse/ledger.db" ] || fail "the monitor made no ledger: $(cat "$work/out")"
say 'the monitor ran as walpulse with its template'

in_root apt-get remove -y -qq walpulse >/dev/null
[ -f "$work/root/etc/walpulse/monitor.toml" ] || fail 'removal took the configuration'
in_root apt-get purge -y -qq walpulse >/dev/null
[ ! -e "$work/root/etc/walpulse/monitor.toml" ] || fail 'purge left the configuration'
[ -s "$work/root/var/lib/walpulse/ledger.db" ] || fail 'purge took the counts'
say 'installed, ran, removed and purged; the counts stayed'
