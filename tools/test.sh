#!/bin/sh
# Everything that must hold: build, types, lint, format, tests. Ends with "N passed, N failed".
set -e
cd "$(dirname "$0")/.."
echo "build";  sh tools/node.sh tools/bundle.ts
echo "types";  node_modules/.bin/tsc -p tsconfig.json && node_modules/.bin/tsc -p tsconfig.node.json
echo "lint";   node_modules/.bin/oxlint
echo "format"; node_modules/.bin/oxfmt --check .
echo "tests";  sh tools/node.sh node_modules/vitest/vitest.mjs run "$@"
