#!/usr/bin/env bash
# Installs the package on a bare Debian 12 and says what became of it: the user, the files, the
# programs for root and for anybody, that nothing was started, that an update keeps the configuration,
# that removal and purging leave nothing but counts. Root, debootstrap, lintian.
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
root=$work/root
trap 'umount -q "$root/proc" || true; rm -rf "$work"' EXIT
if [ -n "$given" ]; then
  cp -a "$given" "$root"
else
  say 'bootstrapping Debian 12'
  debootstrap --variant=minbase bookworm "$root" >/dev/null
fi
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/tmp/walpulse.deb"
in_root() { chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
as() {
  local user=$1
  shift
  in_root setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
install_it() {
  in_root apt-get install -y -qq --no-install-recommends --reinstall /tmp/walpulse.deb >"$work/said" 2>"$work/errors" ||
    fail "installing: $(cat "$work/errors")"
  [ ! -e "$root/tmp/asked" ] || fail 'installing asked to start a service'
}
configuration() { in_root stat -c '%U:%G %a' /etc/walpulse/connector.toml /etc/walpulse/monitor.toml | sort -u; }
traces() { # what has walpulse's name
  in_root find / -xdev -name '*walpulse*' -not -path '/tmp/*' -not -path '/proc/*' \
    -not -path '/var/cache/apt/*' -not -path '/var/lib/dpkg/info/*' | sort
}

# What starts a service asks this first; it must not be asked.
printf '#!/bin/sh\necho "$@" >>/tmp/asked\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
in_root apt-get update -qq
install_it
grep -q 'walpulse-connector doctor' "$work/said" || fail 'installing does not say what to do next'

[ "$(configuration)" = 'root:walpulse 640' ] || fail "the configuration is $(configuration)"
[[ $(in_root getent passwd walpulse) == *nologin || $(in_root getent passwd walpulse) == */bin/false ]] ||
  fail "the user is $(in_root getent passwd walpulse)"
for program in connector monitor; do
  say "$(in_root "walpulse-$program" --version)"
done

# Without a word in the templates, what is missing is said; anybody is told the same as root.
in_root walpulse-connector run >"$work/out" 2>&1 && fail 'run without a sink does not fail'
grep -q -e '--to' "$work/out" || fail "run without a sink says $(cat "$work/out")"
for user in root nobody; do
  group=$user
  [ "$user" = root ] || group=nogroup
  anybody() { in_root setpriv --reuid "$user" --regid "$group" --clear-groups "$@"; }
  code=0
  anybody walpulse-connector status --dsn 'host=127.0.0.1 port=1 dbname=x user=x' >"$work/out" 2>&1 || code=$?
  [ "$code" -eq 69 ] || fail "as $user the connector ends with $code: $(cat "$work/out")"
  code=0
  anybody walpulse-monitor descriptors >"$work/out" 2>"$work/errors" || code=$?
  [ "$code" -eq 0 ] || fail "as $user the monitor ends with $code: $(cat "$work/errors")"
done
say 'root and anybody can run both programs'
# Whom they are closed to is told once, and served.
told=$(in_root setpriv --reuid nobody --regid nogroup --clear-groups walpulse-monitor descriptors 2>&1 >/dev/null) ||
  fail "descriptors as nobody: $told"
[ "$(grep -c 'cannot read the configuration file /etc/walpulse/monitor.toml' <<<"$told")" = 1 ] ||
  fail "nobody is told: $told"
in_root install -d -o walpulse -g walpulse /var/lib/walpulse
as walpulse timeout -s TERM 3 walpulse-monitor serve --http-port 0 >"$work/out" 2>&1 || true
[ -s "$root/var/lib/walpulse/ledger.db" ] || fail "the monitor made no ledger: $(cat "$work/out")"
say 'the monitor ran as walpulse with its template'

# An update: what somebody wrote and allowed stays.
echo 'slot = "mine"' >>"$root/etc/walpulse/connector.toml"
in_root chmod 0644 /etc/walpulse/monitor.toml
install_it
grep -q mine "$root/etc/walpulse/connector.toml" || fail 'an update took the configuration'
[ "$(configuration)" = "$(printf 'root:walpulse 640\nroot:walpulse 644')" ] ||
  fail "after an update the configuration is $(configuration)"

# Removed: configuration and counts stay. Purged: the counts, and whose they are.
in_root apt-get remove -y -qq walpulse >/dev/null 2>&1
[ -f "$root/etc/walpulse/monitor.toml" ] || fail 'removal took the configuration'
[ ! -e "$root/usr/bin/walpulse-monitor" ] || fail 'removal left a program'
in_root apt-get purge -y -qq walpulse >"$work/said" 2>&1
[ "$(traces)" = /var/lib/walpulse ] || fail "purged with a ledger, there is $(traces)"
[ -s "$root/var/lib/walpulse/ledger.db" ] || fail 'purge took the counts'
in_root getent passwd walpulse >/dev/null || fail 'purge took the user and left its files'
grep -q 'the counts stay in /var/lib/walpulse' "$work/said" || fail 'purge does not say what stays'

# Installed again and purged without counts: nothing.
rm -r "$root/var/lib/walpulse"
install_it
echo PGPASSWORD=secret >"$root/etc/walpulse/connector.env"
in_root apt-get purge -y -qq walpulse >/dev/null 2>&1
[ -z "$(traces)" ] || fail "purged, there is $(traces)"
in_root getent passwd walpulse >/dev/null && fail 'purge left the user'
in_root getent group walpulse >/dev/null && fail 'purge left the group'
say 'installed, ran, updated, removed and purged; only counts stay'
