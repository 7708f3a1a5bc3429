import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Every file starts a relay of its own, so files can run side by side; the tests of one file share it and run in order.
export default defineConfig({
  // The examples stand outside of this folder, and find their packages in it.
  resolve: { alias: { "openapi-fetch": fileURLToPath(new URL("node_modules/openapi-fetch", import.meta.url)) } },
  test: {
    include: ["{client-api,clients,examples,relay}/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
  },
});
