// Which store the relays of this run keep their data in: RELAY_TEST_STORE is sqlite (the default), mysql or redis.
// Tests need not know. One server serves a whole run; every relay gets a database of its own on it, which is empty.
import { randomBytes } from "node:crypto";
import { MariadbServer, RedisServer } from "./servers";

export const storeNames = ["sqlite", "mysql", "redis"] as const;
export type StoreName = (typeof storeNames)[number];
export type Settings = Record<string, string>;

export function storeOfRun(): StoreName {
  const name = process.env.RELAY_TEST_STORE ?? "sqlite";
  if (!storeNames.includes(name as StoreName)) throw new Error(`RELAY_TEST_STORE is ${name}, not one of ${storeNames.join(", ")}`);
  return name as StoreName;
}

/** A name that no other relay of any run has. The relay makes a database of that name. */
export const newDatabase = () => `e2e_${randomBytes(8).toString("hex")}`;

/** The settings of a relay that keeps everything in this Redis. */
export const inRedis = (url: string): Settings => ({ DATABASE_TYPE: "redis", REDIS_URL: url });

// Where the run's server is, for the processes that run the tests: they are children of the one that started it.
const place = (name: StoreName) => `RELAY_TEST_SERVER_${name.toUpperCase()}`;

/** Starts the run's server; sqlite has none. */
export async function startStore(name: StoreName): Promise<{ stop(): Promise<void> }> {
  if (name === "sqlite") return { stop: async () => undefined };
  const server = name === "mysql" ? await MariadbServer.start() : await RedisServer.start();
  process.env[place(name)] = JSON.stringify(server instanceof MariadbServer ? server.env("") : { host: server.host, port: server.port });
  return { stop: () => server.stop() };
}

/** The settings of a relay whose store is empty. */
export async function emptyStore(name = storeOfRun()): Promise<Settings> {
  if (name === "sqlite") return {}; // the default, in DATA_DIR
  const server = process.env[place(name)];
  if (!server) throw new Error(`nobody has called startStore("${name}")`);
  const known = JSON.parse(server);
  return name === "mysql" ? { ...known, MYSQL_DATABASE: newDatabase() } : inRedis(await RedisServer.emptyUrl(known));
}
