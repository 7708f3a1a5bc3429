// Vitest's globalSetup of a project: the server of its store is up before the first test and down after the last.
import type { TestProject } from "vitest/node";
import { startStore, type StoreName } from "./store";

export default async function setup(project: TestProject) {
  const store = await startStore((project.config.env.RELAY_TEST_STORE ?? "sqlite") as StoreName);
  return () => store.stop();
}
