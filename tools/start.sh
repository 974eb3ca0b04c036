#!/bin/sh
# `npm start` shows the quickstart; `npm start -- check x.flux` is the command line.
cd "$(dirname "$0")/.."
if [ "$#" -eq 0 ]; then exec sh tools/node.sh apps/tocsin/quickstart/quickstart.ts; fi
cd "${INIT_CWD:-.}"
exec "$OLDPWD/node_modules/.bin/tocsin" "$@"
