// MariaDB and Redis as a test wants them: its own, on free ports of the loopback, killed, started again and stopped
// for a while at will. They die with the process that started them.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { run, type Running } from "./process";
import { until } from "./until";

const path = `${process.env.PATH}:/usr/sbin`;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

export interface Place {
  host: string;
  port: number;
}

/** The first that a server says, when it was told so much. Empty when it says nothing within a second. */
function ask({ host, port }: Place, words: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const says = (text: string) => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(1_000, () => says(""));
    socket.on("connect", () => words && socket.write(words));
    socket.on("data", (data) => says(data.toString("latin1")));
    socket.on("error", () => says("")).on("close", () => says(""));
  });
}

export interface ServerOptions {
  /** Where it listens; a server in a network namespace has an address of its own. */
  host?: string;
  /** What it is started with: ["ip", "netns", "exec", name]. */
  inside?: string[];
  /** Every commit is on the disk, not only with the kernel. Kills lose nothing without it; power cuts would. */
  durable?: boolean;
  /** MariaDB's buffer pool. */
  memoryMb?: number;
}

export abstract class Server {
  private process: Running | undefined;

  protected constructor(
    readonly folder: string,
    readonly host: string,
    readonly port: number,
    protected readonly options: ServerOptions,
  ) {}

  protected abstract words(): string[];
  /** What a client sends first; empty when the server speaks first. */
  protected abstract readonly greeting: string;
  protected abstract readonly greeted: RegExp;

  /** Until it answers. After kill() or stop(): on the same port, with the same data. */
  async start(): Promise<void> {
    const words = [...(this.options.inside ?? []), "setpriv", "--pdeathsig", "KILL", "--", ...this.words()];
    const started = run(words[0]!, words.slice(1), { PATH: path, LC_ALL: "C" }, this.folder);
    this.process = started;
    let ended: number | string | undefined;
    void started.exit().then((code) => (ended = code));
    await until(
      `${this.constructor.name} answers on port ${this.port}`,
      async () => {
        if (ended !== undefined) throw new Error(`it ended with ${ended}: ${started.stdout.slice(-500)} ${started.stderr.slice(-1500)}`);
        return this.greeted.test(await ask(this, this.greeting));
      },
      60_000,
    );
  }
  get pid(): number {
    return this.process!.child.pid!;
  }
  /** kill -9. */
  async kill() {
    await this.process?.stop("SIGKILL");
  }
  /** Holds it still: what comes is taken by the kernel, and nobody answers. */
  pause() {
    process.kill(this.pid, "SIGSTOP");
  }
  resume() {
    process.kill(this.pid, "SIGCONT");
  }
  /** For good, with its data. */
  async stop() {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Where a run has an installed MariaDB's data that every server of it begins with a copy of. */
export const installedMariadb = "RELAY_TEST_MARIADB_DATA";

// A server that starts takes away what looks like another's temporary tables: each has a folder of its own for them.
async function temporaryFolder(data: string): Promise<string> {
  const folder = `${data}-tmp`;
  await mkdir(folder, { recursive: true });
  return `--tmpdir=${folder}`;
}

export async function installMariadb(data: string) {
  const words = ["--no-defaults", `--datadir=${data}`, "--skip-test-db", "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M"];
  await promisify(execFile)("mariadb-install-db", [...words, await temporaryFolder(data), ...asAccount()], { env: { PATH: path } });
}

// It refuses to run as root unless it is told to.
const asAccount = () => (process.getuid?.() === 0 ? ["--user=root"] : []);

export class MariadbServer extends Server {
  protected readonly greeting = "";
  protected readonly greeted = /MariaDB/;
  readonly user = "relay";
  readonly password = randomBytes(12).toString("hex");

  static async start(options: ServerOptions = {}): Promise<MariadbServer> {
    const folder = await mkdtemp(join(tmpdir(), "relay-mariadb-"));
    const server = new MariadbServer(folder, options.host ?? "127.0.0.1", await freePort(), options);
    const data = join(folder, "data");
    const installed = process.env[installedMariadb];
    await temporaryFolder(data);
    await (installed ? cp(installed, data, { recursive: true }) : installMariadb(data));
    // Read at every start, so it says the same again.
    await writeFile(
      join(folder, "init.sql"),
      `CREATE USER IF NOT EXISTS '${server.user}'@'%' IDENTIFIED BY '${server.password}';\nGRANT ALL ON *.* TO '${server.user}'@'%' WITH GRANT OPTION;\n`,
    );
    await server.start();
    return server;
  }

  /** The settings of a relay that keeps its data here; through a link when its port is given. */
  env(database: string, at: Place = this): Record<string, string> {
    return {
      DATABASE_TYPE: "mysql",
      MYSQL_HOST: at.host,
      MYSQL_PORT: String(at.port),
      MYSQL_USER: this.user,
      MYSQL_PASSWORD: this.password,
      MYSQL_DATABASE: database,
    };
  }

  /** Rows as lines, columns between tabs. For what a relay has no words for, such as generated rows. */
  async query(sql: string, database = ""): Promise<string> {
    const child = execFile(
      "mariadb",
      ["--no-defaults", "-h", this.host, "-P", String(this.port), "-u", this.user, "--batch", "--skip-column-names", "--local-infile=1", ...(database ? [database] : [])],
      { env: { PATH: path, MYSQL_PWD: this.password }, maxBuffer: 1 << 28 },
    );
    let out = "";
    let wrong = "";
    child.stdout!.on("data", (text: string) => (out += text));
    child.stderr!.on("data", (text: string) => (wrong += text));
    child.stdin!.on("error", () => undefined).end(sql);
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`mariadb: ${wrong}`);
    return out.trim();
  }

  protected words(): string[] {
    return [
      "mariadbd",
      "--no-defaults",
      `--datadir=${join(this.folder, "data")}`,
      `--tmpdir=${join(this.folder, "data-tmp")}`,
      `--init-file=${join(this.folder, "init.sql")}`,
      `--socket=${join(this.folder, "socket")}`,
      `--pid-file=${join(this.folder, "pid")}`,
      `--bind-address=${this.host}`,
      `--port=${this.port}`,
      `--innodb-buffer-pool-size=${this.options.memoryMb ?? 256}M`,
      "--innodb-log-file-size=128M",
      `--innodb-flush-log-at-trx-commit=${this.options.durable ? 1 : 2}`,
      "--skip-name-resolve",
      "--event-scheduler=ON",
      "--performance-schema=OFF",
      "--local-infile=ON",
      ...asAccount(),
    ];
  }
}

export class RedisServer extends Server {
  protected readonly greeting = "PING\r\n";
  protected readonly greeted = /^\+PONG/; // "-LOADING" while it reads its log

  static async start(options: ServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "relay-redis-"));
    const server = new RedisServer(folder, options.host ?? "127.0.0.1", await freePort(), options);
    await server.start();
    return server;
  }

  /** A database that nobody else has. Redis names them by number; number 0 counts those that were given away. */
  static async emptyUrl(server: Place, at = server): Promise<string> {
    const [, number] = /^:(\d+)/.exec(await ask(server, "INCR databases\r\n"))!;
    return `redis://${at.host}:${at.port}/${number}`;
  }
  /** Reached at another place when there is a link before it. */
  emptyUrl(at: Place = this): Promise<string> {
    return RedisServer.emptyUrl(this, at);
  }

  protected words(): string[] {
    // "everysec" puts a write off while a sync runs, and answers before it: a kill would lose what it had said.
    const sync = this.options.durable ? "always" : "no";
    const words = ["redis-server", "--bind", this.host, "--port", String(this.port), "--save", "", "--appendonly", "yes", "--appendfsync", sync];
    return [...words, "--dir", this.folder, "--daemonize", "no", "--databases", "16384", "--protected-mode", "no", "--maxmemory-policy", "noeviction"];
  }
}
