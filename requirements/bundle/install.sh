#!/bin/sh
# Installs this bundle without a network:   sh install.sh PREFIX
# PREFIX/versions/VERSION gets an environment of its own, and PREFIX/current leads to the version in use. Nothing is
# migrated and nothing started. PYTHON names the interpreter, python3 by default; it must be of the bundle's release.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:?"usage: sh install.sh PREFIX"}
keep_current=${KEEP_CURRENT:-}
python=${PYTHON:-python3}

fail() {
    echo "错误 / error: $*" >&2
    exit 1
}

(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) || fail "安装包已损坏 / the bundle is damaged: SHA256SUMS"
version=$(cat "$here/VERSION")
wanted=$(sed -n 's/^ "python": "\(.*\)",$/\1/p' "$here/BUNDLE.json")
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "没有 $python / there is no $python"
[ "$found" = "$wanted" ] || fail "需要 Python $wanted，这是 $found / Python $wanted is needed, this is $found (PYTHON=...)"

mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
place=$prefix/versions/$version
if [ -e "$place/COMPLETE" ]; then
    echo "已安装 / installed already: $place"
else
    rm -rf "$place"
    "$python" -m venv "$place"
    pip="$place/bin/python -m pip --isolated install -q --no-index --disable-pip-version-check"
    $pip --find-links "$here/wheels" --require-hashes -r "$here/wheels.lock"
    $pip --no-deps "$here"/jianzhen-*.whl
    "$place/bin/jianzhen" --version
    touch "$place/COMPLETE"
fi
if [ -z "$keep_current" ]; then
    ln -sfn "versions/$version" "$prefix/current.new"
    mv -T "$prefix/current.new" "$prefix/current"
    echo "当前版本 / current: $prefix/current -> $version"
fi
