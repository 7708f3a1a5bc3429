// Several relays that are one service: each a process with a port and a DATA_DIR of its own, with links of its own to
// the MariaDB and the Redis that they share.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Balancer, Link } from "./link";
import { Person } from "./people";
import { Relay } from "./relay";
import type { Network, Place } from "./namespaces";
import { freePort, type MariadbServer, type RedisServer, type Server } from "./servers";
import { inRedis, newDatabase, type Settings } from "./store";
import { until } from "./until";

export interface Shared {
  /** Where the data is; without it the data is in Redis. */
  mariadb?: MariadbServer;
  /** What nodes share beside SQL; without it they have the database alone. */
  redis?: RedisServer;
}

export interface ClusterOptions {
  upstream?: string;
  nodes?: number;
  /** All at one moment, on a store with nothing in it. */
  together?: boolean;
  env?: Settings;
  /** Each node in a namespace of its own there, with no links: its cable is what can be cut. */
  network?: Network;
}

// What all nodes must agree on.
const agreed = () => ({ CLIENT_JWT_SECRET: randomBytes(32).toString("hex"), ENCRYPTION_KEY: randomBytes(32).toString("hex") });
const quick = { RELAY_ENV: "test", BCRYPT_COST: "4", LOG_LEVEL: "info" };

const secretSettings = ["CLIENT_JWT_SECRET", "ENCRYPTION_KEY", "MYSQL_PASSWORD"];

export class Node {
  relay!: Relay;
  constructor(
    readonly links: { mariadb?: Link; redis?: Link },
    readonly folder: string,
    private readonly settings: { upstream?: string; env: Settings; inside?: string[] },
    readonly place?: Place,
  ) {}

  get port(): number {
    return this.relay.port;
  }
  /** The link to where the data is. */
  get store(): Link {
    return (this.links.mariadb ?? this.links.redis)!;
  }
  /** Also after kill(): on the same port, with the same journal. */
  async start() {
    const admin = (this.relay as Relay | undefined)?.admin;
    this.relay = await Relay.start({ ...this.settings, folder: this.folder });
    this.relay.keepSecret(...secretSettings.map((name) => this.settings.env[name]));
    if (admin?.key) this.know(admin);
  }
  /** What only the first start of all says. */
  know(admin: Relay["admin"]) {
    this.relay.admin = admin;
    this.relay.keepSecret(admin.key, admin.password);
  }
  async kill() {
    await this.relay.process.stop("SIGKILL");
  }
  /** Resident memory in MB; 0 of a node that is down. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.relay.process.child.pid}/status`, "utf8").catch(() => "");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  }
}

export class Cluster {
  private constructor(
    readonly nodes: Node[],
    private readonly balancer: Balancer,
    private readonly folder: string,
  ) {}

  static async start(shared: Shared, options: ClusterOptions = {}): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), "relay-nodes-"));
    const database = newDatabase();
    const redisUrl = await shared.redis?.emptyUrl();
    const secrets = agreed();
    const nodes: Node[] = [];
    for (let n = 0; n < (options.nodes ?? 2); n++) {
      const place = await options.network?.place();
      const linked = async (server: Server | undefined) => (server && !place ? await Link.to(server) : undefined);
      const links = { mariadb: await linked(shared.mariadb), redis: await linked(shared.redis) };
      const url = redisUrl && (links.redis ? redisUrl.replace(/:\d+\//, `:${links.redis.port}/`) : redisUrl);
      const data = shared.mariadb ? { ...shared.mariadb.env(database, links.mariadb), ...(url ? { REDIS_URL: url } : {}) } : inRedis(url!);
      const listens = { CLIENT_API_PORT: String(await freePort()), CLIENT_API_HOST: place?.host ?? "127.0.0.1" };
      const settings = { upstream: options.upstream, env: { ...secrets, ...quick, ...listens, ...data, ...options.env }, inside: place?.inside };
      nodes.push(new Node(links, join(folder, `node${n}`), settings, place));
    }
    const cluster = new Cluster(nodes, await Balancer.over(() => nodes.map((node) => node.port)), folder);
    // The first start makes the admin; only that process says their password.
    if (options.together) await Promise.all(nodes.map((node) => node.start()));
    else for (const node of nodes) await node.start();
    const { admin } = nodes.find(({ relay }) => relay.admin.key)!.relay;
    for (const node of nodes) node.know(admin);
    return cluster;
  }

  node(n: number): Node {
    return this.nodes[n]!;
  }
  /** The one address of all nodes. */
  get port(): number {
    return this.balancer.port;
  }
  get url(): string {
    return this.balancer.url;
  }
  /**
   * Nodes wait 50 ms for Redis, and then take their shares: on a machine that is busy with something else that comes
   * to pass by itself. Plays `game` again, up to ten times, until nothing of that kind was in its way.
   */
  async undisturbed<T>(game: () => Promise<T>): Promise<T> {
    const disturbances = () => this.nodes.map(({ relay }) => relay.process.stderr.split("Redis does not answer").length).join();
    for (let tries = 1; ; tries++) {
      await until("every node asks Redis", () => this.nodes.every(({ relay }) => relay.process.stderr.lastIndexOf("Redis answers") >= relay.process.stderr.lastIndexOf("Redis does not answer")), 30_000);
      const before = disturbances();
      const outcome = await game();
      if (before === disturbances() || tries === 10) return outcome;
      console.log(`Redis did not answer in time meanwhile: once more (${tries})`);
    }
  }
  admin(): Promise<Person> {
    return Person.admin(this.node(0).relay);
  }
  /** As new: every link open. */
  heal() {
    for (const { links } of this.nodes) {
      links.mariadb?.heal();
      links.redis?.heal();
    }
  }
  async stop() {
    this.heal();
    await this.balancer.stop();
    const outcomes = await Promise.allSettled(this.nodes.map((node) => node.relay.stop()));
    for (const { links } of this.nodes) await Promise.all([links.mariadb?.stop(), links.redis?.stop()]);
    await rm(this.folder, { recursive: true, force: true });
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
}
