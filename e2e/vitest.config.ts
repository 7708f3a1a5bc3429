import { defineConfig } from "vitest/config";

// Every file starts a relay of its own, so files can run side by side; the tests of one file share it and run in order.
export default defineConfig({
  test: {
    include: ["{client-api,clients,relay}/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
  },
});
