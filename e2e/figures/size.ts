// What a large store costs: 1,000,000 keys and 10,000,000 rows of usage, made in SQL, on MariaDB and SQLite. Measured
// over HTTP: the look-up of a key that is in no cache, a key's usage over 30 days, a page of usage records, and what
// the relay gets through beside one with an empty store. `./dev figures size [percent] [store...]`; 1 percent takes a
// minute, all of it most of an hour.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messagesRequest } from "../support/answers";
import { Person } from "../support/people";
import { Relay } from "../support/relay";
import { MariadbServer } from "../support/servers";
import { Simulate } from "../support/simulate";
import { newDatabase, type Settings } from "../support/store";
import { median, until } from "../support/until";
import { type Database, fill, keyId, mariadb, probeSecret, sizeOf, sqlite } from "./size_rows";

const [percent = 100, ...names] = process.argv.slice(2).map((word) => (/^\d/.test(word) ? Number(word) : word));
const size = sizeOf(Number(percent));
const stores = names.length > 0 ? names : ["mysql", "sqlite"];
const rows: [what: string, figure: string, bound: string, holds: boolean][] = [];
function report(what: string, figure: string, bound: string, holds = true) {
  rows.push([what, figure, bound, holds]);
  console.log(`${holds ? "ok  " : "FAIL"} ${what}: ${figure}${bound ? ` (${bound})` : ""}`);
}
const ms = (times: number[]) => `${median(times).toFixed(2)} ms median, ${Math.max(...times).toFixed(1)} ms worst of ${times.length}`;

const env = { RELAY_ENV: "test", BCRYPT_COST: "4", LOG_LEVEL: "warn", RELAY_THREADS: "1" };
const [relayCore, loadCore] = [["taskset", "-c", "0"], ["taskset", "-c", "1"]];

async function timed<T>(call: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const answer = await call();
  return [performance.now() - began, answer];
}

interface Filled {
  folder: string;
  settings: Settings;
  admin: Relay["admin"];
}
/** A relay makes the schema and a row of each kind; then it is filled while no relay runs. */
async function make(name: string, upstream: string, settings: Settings, database: (folder: string) => Database, full: boolean): Promise<Filled> {
  const folder = await mkdtemp(join(tmpdir(), "relay-size-"));
  const relay = await Relay.start({ upstream, folder, env: { ...env, ...settings } });
  const { admin } = relay;
  if ((await relay.messages(messagesRequest())).status !== 200) throw new Error("the first call does not pass");
  const person = await Person.admin(relay);
  const [first] = (await person.get("/keys")).body.data;
  await person.usage(first.id, 1, "", 10_000);
  await relay.stop();
  if (full) await fill(database(folder), size, Date.now(), (words) => console.log(`     ${name}: ${words}`));
  return { folder, settings, admin };
}
const open = async ({ folder, settings, admin }: Filled, upstream: string): Promise<Relay> => {
  const relay = await Relay.start({ upstream, folder, env: { ...env, ...settings }, inside: relayCore });
  relay.admin = admin;
  return relay;
};

async function coldKeys(name: string, relay: Relay) {
  const call = (n: number) => timed(() => relay.post("/v1/messages", messagesRequest(), { "x-api-key": probeSecret(n) }));
  for (let n = 0; n < 20; n++) await call(n); // connections, statements
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let n = 20; n < size.probes; n++) {
    const [first, answer] = await call(n);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    cold.push(first);
    warm.push((await call(n))[0]);
  }
  const lookUp = cold.map((each) => each - median(warm));
  report(`${name}: look-up of a key that is in no cache (first call less the median of second ones, ${median(warm).toFixed(2)} ms)`, ms(lookUp), "under 5 ms median", median(lookUp) < 5);
}

async function reading(name: string, relay: Relay, password: string) {
  const login = async (n: number) => Person.signedIn(relay, await relay.post("/api/client/auth/login", { email: `size${n}@example.com`, password }), password);
  const ask = async (person: Person, path: string) => {
    const [time, answer] = await timed(() => person.get(path));
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return { time, answer };
  };
  // The keys with the most usage, and such as most are.
  for (const [what, from] of [
    ["the busiest keys", 0],
    ["keys like most", size.usedKeys >> 1],
  ] as const) {
    const [usage, exported, acts]: [number[], number[], number[]] = [[], [], []];
    let requests = 0;
    let records = 0;
    for (let n = from; n < from + 20; n++) {
      const person = await login(n % size.users);
      const got = await ask(person, `/keys/${keyId(n)}/usage?days=30`);
      usage.push(got.time);
      requests += got.answer.body.data.totals.requests;
      acts.push((await ask(person, "/users/audit?limit=50")).time);
      const whole = await ask(person, "/users/export");
      exported.push(whole.time);
      records += whole.answer.body.data.usageRecords.length;
    }
    report(`${name}: keys/:id/usage over 30 days, ${what} (${Math.round(requests / 20)} calls each)`, ms(usage), "under 50 ms median", median(usage) < 50);
    report(`${name}: a page of one's audit trail, owners of ${what}`, ms(acts), "under 50 ms median", median(acts) < 50);
    report(`${name}: users/export, all that is known with ${Math.round(records / 20)} usage records, owners of ${what}`, ms(exported), "");
  }
  const admin = await Person.admin(relay);
  for (const path of ["/api/admin/audit?limit=50", "/api/admin/keys?limit=50", "/api/admin/users?limit=50", "/api/admin/usage?days=30&limit=50"]) {
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const [time, answer] = await timed(() => relay.get(path, admin.bearer));
      if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
      times.push(time);
    }
    report(`${name}: ${path}`, ms(times), "");
  }
}

async function requestsPerSecond(relay: Relay, seconds: number): Promise<number> {
  const words = [...loadCore.slice(1), "wrk", "-t1", "-c64", `-d${seconds}s`, "--timeout", "30s", "-s", resolve("../bench/post.lua"), relay.url, "--", relay.admin.key, "size=1024", "false"];
  const wrk = spawn(loadCore[0]!, words, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  wrk.stdout.on("data", (text) => (out += text));
  await once(wrk, "close");
  const figures = JSON.parse(out.trim().split("\n").at(-1)!);
  if (figures.errors || figures.wrong || !figures.requests) throw new Error(out);
  return figures.requests / (figures.duration_us / 1e6);
}

async function throughput(name: string, full: Relay, empty: Relay) {
  // One after the other and the other way round, so that a drift of the machine favours nobody.
  const ratios: number[] = [];
  const both: [number[], number[]] = [[], []];
  for (let round = 0; round < 6; round++) {
    const rates = [0, 0];
    for (const which of round % 2 ? [0, 1] : [1, 0]) {
      const relay = [full, empty][which]!;
      await requestsPerSecond(relay, 1);
      rates[which] = await requestsPerSecond(relay, 5);
      both[which]!.push(rates[which]!);
      await until("its journal is empty", async () => (await relay.get("/ready")).status === 200, 60_000);
      await new Promise((done) => setTimeout(done, 1_000));
    }
    ratios.push(rates[0]! / rates[1]!);
  }
  report(`${name}: calls a second, beside an empty store's`, `${median(both[0]).toFixed(0)} and ${median(both[1]).toFixed(0)}, ratio ${median(ratios).toFixed(3)}`, "0.95 or more", median(ratios) >= 0.95);
}

async function measure(name: string, settings: () => Settings, database: (settings: Settings, folder: string) => Database) {
  const simulate = await Simulate.start();
  execFileSync("taskset", ["-cpa", "1", String(simulate.pid)], { stdio: "ignore" });
  const [large, small] = [settings(), settings()];
  const filled = await make(name, simulate.url, large, (folder) => database(large, folder), true);
  const bare = await make(name, simulate.url, small, (folder) => database(small, folder), false);
  const [full, empty] = [await open(filled, simulate.url), await open(bare, simulate.url)];
  await coldKeys(name, full);
  await reading(name, full, filled.admin.password);
  await throughput(name, full, empty);
  await full.stop();
  await empty.stop();
  await simulate.stop();
  for (const { folder } of [filled, bare]) await rm(folder, { recursive: true, force: true });
}

console.log(`${size.users} users, ${size.keys} keys, ${size.usage} rows of usage over 60 days; on ${stores.join(" and ")}`);
for (const store of stores) {
  if (store === "sqlite") {
    await measure("SQLite", () => ({}), (_, folder) => sqlite(join(folder, "data", "relay.sqlite")));
  } else {
    const server = await MariadbServer.start({ memoryMb: 1_024 });
    await measure("MariaDB", () => server.env(newDatabase()), (settings) => mariadb(server, settings.MYSQL_DATABASE!));
    await server.stop();
  }
}
const failed = rows.filter(([, , , holds]) => !holds).length;
console.log(failed === 0 ? `all ${rows.length} figures hold` : `${failed} of ${rows.length} figures do not hold`);
process.exit(failed === 0 ? 0 : 1);
