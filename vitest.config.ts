import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "threads",
    isolate: true,
    testTimeout: 60_000,
    reporters: ["default", "./tools/count-reporter.ts"],
  },
});
