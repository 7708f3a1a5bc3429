// Vitest's globalSetup where each file starts a MariaDB of its own: installing one takes seconds, a copy does not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedMariadb, installMariadb } from "./servers";

export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), "relay-mariadb-data-"));
  const data = join(folder, "data");
  await installMariadb(data);
  process.env[installedMariadb] = data;
  return () => rm(folder, { recursive: true, force: true });
}
