#!/bin/sh
# Upgrades an installation without a network:   sh upgrade.sh PREFIX [CONFIG]
# Stop workers, console and carriers first. Backs up with the version in use, installs this one beside it, migrates, and
# only then leads PREFIX/current to it. CONFIG is the settings file; without it, settings are found as jianzhen does.
# When a step fails, PREFIX/current still leads to the version before; see rollback.sh for the store.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "${1:?"usage: sh upgrade.sh PREFIX [CONFIG]"}" && pwd)
config=${2:+--config "$2"}
version=$(cat "$here/VERSION")
before=$(basename "$(readlink "$prefix/current")")
stamp=$(date -u +%Y%m%dT%H%M%SZ)
backup=$prefix/backups/$stamp-$before

if [ "$before" = "$version" ]; then
    echo "已是此版本 / this version is in use already: $version" >&2
    exit 1
fi
mkdir -p "$prefix/backups"
echo "备份 / backing up: $backup"
"$prefix/current/bin/jianzhen" $config backup "$backup"
KEEP_CURRENT=1 sh "$here/install.sh" "$prefix"
printf '%s\t%s\t%s\t%s\n' "$stamp" "$before" "$version" "$backup" >> "$prefix/history"
"$prefix/versions/$version/bin/jianzhen" $config prepare
ln -sfn "versions/$version" "$prefix/current.new"
mv -T "$prefix/current.new" "$prefix/current"
cp "$here/rollback.sh" "$prefix/rollback.sh"
echo "已升级 / upgraded: $before -> $version；回退 / to go back: sh $prefix/rollback.sh $prefix"
