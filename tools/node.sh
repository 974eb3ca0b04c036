#!/bin/sh
# Runs its arguments under the Node from node_modules (24), else under the machine's own.
root=$(cd "$(dirname "$0")/.." && pwd)
if [ -x "$root/node_modules/.bin/node" ]; then exec "$root/node_modules/.bin/node" --disable-warning=ExperimentalWarning "$@"; fi
exec node --disable-warning=ExperimentalWarning "$@"
