#!/bin/sh
# Everything that must hold: build, types, lint, format, tests. Ends with "N passed, N failed".
set -e
cd "$(dirname "$0")/.."
echo "build";  sh tools/node.sh tools/bundle.ts
echo "types";  node_modules/.bin/tsc -p tsconfig.json && node_modules/.bin/tsc -p tsconfig.node.json
echo "lint";   node_modules/.bin/oxlint
echo "format"; node_modules/.bin/oxfmt --check .
# The test runner keeps a token in the user's data folder unless it is told of another.
XDG_DATA_HOME=$(mktemp -d) && export XDG_DATA_HOME
trap 'rm -rf "$XDG_DATA_HOME"' EXIT
echo "tests";  sh tools/node.sh node_modules/vitest/vitest.mjs run "$@"
