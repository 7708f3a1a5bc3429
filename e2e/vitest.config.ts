import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// What can tell one store from another runs on each of them; the rest has nothing of a store in it but a key.
// `npx vitest run --project mysql` runs one of them.
const onEveryStore = [
  "client-api/*.test.ts",
  "examples/typescript_client.test.ts",
  "relay/{limits,metering,drain_and_tls,models_and_logs,files_and_batches,restart}.test.ts",
  "stores/*.test.ts",
];
const onServers = [...onEveryStore, "stores/servers/*.test.ts"];
const onOne = ["{clients,examples,relay}/*.test.ts"];

const project = (name: string, include: string[], globalSetup = "support/store_server.ts") => ({
  extends: true as const,
  test: { name, include, env: { RELAY_TEST_STORE: name }, globalSetup },
});

// Every file starts a relay of its own, so files can run side by side; the tests of one file share it and run in order.
export default defineConfig({
  // The examples stand outside of this folder, and find their packages in it.
  resolve: { alias: { "openapi-fetch": fileURLToPath(new URL("node_modules/openapi-fetch", import.meta.url)) } },
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
    projects: [
      project("sqlite", [...onEveryStore, ...onOne]),
      project("mysql", onServers),
      project("redis", onServers),
      // These start servers of their own, to kill and to hold them.
      project("nodes", ["{nodes,outage}/*.test.ts"], "support/mariadb_data.ts"),
    ],
  },
});
