#!/bin/sh
# Takes the last upgrade back:   sh rollback.sh PREFIX [CONFIG]
# Stop workers, console and carriers first. Brings the backup that was made before the migration back with the version
# that made it, and leads PREFIX/current to that version. What was written since the upgrade is moved aside, not deleted.
# With PostgreSQL: make an empty database, name it in the settings, then run this.
set -eu

prefix=$(cd "${1:?"usage: sh rollback.sh PREFIX [CONFIG]"}" && pwd)
config=${2:+--config "$2"}
last=$(tail -n 1 "$prefix/history" 2>/dev/null) || last=
[ -n "$last" ] || { echo "没有可回退的升级 / there is no upgrade to take back" >&2; exit 1; }
before=$(printf '%s' "$last" | cut -f 2)
backup=$(printf '%s' "$last" | cut -f 4)

"$prefix/versions/$before/bin/jianzhen" $config restore --aside "$backup"
ln -sfn "versions/$before" "$prefix/current.new"
mv -T "$prefix/current.new" "$prefix/current"
sed -i '$d' "$prefix/history"
echo "已回退 / rolled back to: $before"
