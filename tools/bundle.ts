import { rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { root } from "./tree.ts";

const app = join(root, "apps/tocsin");

/**
 * Bundles the command line and the TypeScript API. Each dynamic import becomes a chunk of its own, so
 * that a script loads only the packages that it imports. What installs binaries stays outside.
 */
async function bundle(): Promise<void> {
  rmSync(join(app, "dist"), { recursive: true, force: true });
  const built = await rolldown({
    input: { tocsin: join(app, "src/tocsin.ts"), index: join(app, "src/index.ts") },
    platform: "node",
    external: [/^node:/u, "@duckdb/node-api", "undici"],
    logLevel: "warn",
  });
  await built.write({
    dir: join(app, "dist"),
    format: "esm",
    chunkFileNames: "[name]-[hash].js",
    sourcemap: false,
  });
  await built.close();
}

await bundle();
