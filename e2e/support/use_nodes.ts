// Nodes for the tests of a file: their servers are up before the first test, all of it down after the last.
import { afterAll, afterEach, beforeAll } from "vitest";
import { Cluster, type ClusterOptions, type Shared } from "./nodes";
import { MariadbServer, RedisServer } from "./servers";

/** What a cluster keeps its data in, and what its nodes share. */
export const kinds = {
  "MariaDB and Redis": ["mariadb", "redis"],
  "MariaDB alone": ["mariadb"],
  "Redis alone": ["redis"],
} as const;
export type Kind = keyof typeof kinds;

/** Call the upstream's first. Links that a test has broken are healed after it. */
export function useNodes(kind: Kind, options: () => ClusterOptions = () => ({})): { readonly cluster: Cluster; readonly servers: Shared } {
  const servers: Shared = {};
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    for (const name of kinds[kind]) {
      if (name === "mariadb") servers.mariadb = await MariadbServer.start();
      else servers.redis = await RedisServer.start();
    }
    cluster = await Cluster.start(servers, options());
  }, 60_000);
  afterEach(() => cluster?.heal());
  afterAll(async () => {
    try {
      await cluster?.stop();
    } finally {
      await Promise.all([servers.mariadb?.stop(), servers.redis?.stop()]);
    }
  }, 60_000);
  return {
    servers,
    get cluster() {
      if (!cluster) throw new Error("the nodes are not up yet");
      return cluster;
    },
  };
}
