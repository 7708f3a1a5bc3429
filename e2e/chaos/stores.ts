// Whatever dies: two nodes under streaming load while MariaDB, Redis or a node is killed with SIGKILL at random moments
// and started again a little later; and once the store stays away for a minute. Then: every answer that a client saw
// end is stored once and the roll-ups are the sums; no call was answered 401 for want of a store; keys that were known
// went on; memory stayed within bounds; what waited was stored.
// Usage: stores.ts mysql|redis [rounds] [seed] [seconds that the store stays away]
import { Agent } from "node:http";
import { inWords, isRight, judge, totals } from "../support/ledger";
import { Cluster, type Node, type Shared } from "../support/nodes";
import { seeded } from "../support/random";
import { MariadbServer, RedisServer, type Server } from "../support/servers";
import { stream, streamingProvider } from "../support/streams";
import { until } from "../support/until";

const [kind = "mysql", ...numbers] = process.argv.slice(2);
if (kind !== "mysql" && kind !== "redis") throw new Error("the store is mysql or redis");
const [rounds = 30, seed = Date.now() % 1_000_000, awayS = 60] = numbers.map(Number);
const concurrency = 32;
const memoryMaxMb = 400;
const random = seeded(seed);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

const provider = await streamingProvider();
const shared: Shared = { redis: await RedisServer.start({ durable: true }) };
if (kind === "mysql") shared.mariadb = await MariadbServer.start({ durable: true });
const store: Server = shared.mariadb ?? shared.redis!;
const cluster = await Cluster.start(shared, { upstream: provider.url, env: { LOG_LEVEL: "warn" } });
const { key } = cluster.node(0).relay.admin;
const admin = await cluster.admin();

// What the load has seen. `phase` names what is dead, for the table of what failed when.
const seen = new Set<string>();
const failed = new Map<string, number>();
const down = new Set<Node>();
let phase = "all well";
let isOver = false;
let calls = 0;
let slowestMs = 0;
let memoryMb = 0;

async function load(agent: Agent, turn: number) {
  while (!isOver) {
    const node = cluster.node(turn++ % 2);
    if (down.has(node)) {
      await pause(5);
      continue;
    }
    calls++;
    const { ended, failed: why, ms } = await stream(agent, node.port, key);
    if (ended) seen.add(ended);
    else if (why !== "ECONNREFUSED") failed.set(`${phase}: ${why}`, (failed.get(`${phase}: ${why}`) ?? 0) + 1);
    slowestMs = Math.max(slowestMs, ms);
    await pause(40); // a load, not a race: the machine has to bring servers up beside it
  }
}
async function watchMemory() {
  while (!isOver) {
    for (const node of cluster.nodes) memoryMb = Math.max(memoryMb, await node.memory());
    await pause(200);
  }
}

const isReady = async (node: Node) => (await node.relay.get("/ready")).status === 200;
const allReady = () => until("both nodes are ready", async () => (await Promise.all(cluster.nodes.map(isReady))).every(Boolean), 60_000, 50);
/** Until as many are stored as were seen by now: how long it took. */
async function drained(): Promise<number> {
  const began = performance.now();
  const known = seen.size;
  await until("what waits is stored", async () => (await totals(admin)).requests >= known, 120_000, 100);
  return performance.now() - began;
}

interface Victim {
  name: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}
const servers = Object.entries(shared).map(([name, server]: [string, Server]): Victim => ({ name, kill: () => server.kill(), start: () => server.start() }));
const nodes = cluster.nodes.map((node, n): Victim => ({
  name: `node ${n}`,
  async kill() {
    down.add(node);
    await node.kill();
  },
  async start() {
    await node.start();
    down.delete(node);
  },
}));
// Each kind as often as the others.
const victims = [...servers.map((server) => [server]), nodes];

async function playRound(number: number) {
  await pause(300 + random() * 1_500);
  const group = victims[Math.floor(random() * victims.length)]!;
  const victim = group[Math.floor(random() * group.length)]!;
  const away = random() * 2_000;
  phase = `${victim.name} dead`;
  const seenBefore = seen.size;
  await victim.kill();
  await pause(away);
  const went = seen.size - seenBefore;
  await victim.start();
  const back = performance.now();
  await allReady();
  phase = "all well";
  console.log(`round ${number}: ${victim.name} killed, ${away.toFixed(0)} ms away; ${went} answers ended meanwhile; all ready ${seconds(performance.now() - back)} after its start`);
}

async function stayAway() {
  phase = "store away for long";
  const [before, began] = [seen.size, performance.now()];
  const failedBefore = new Map(failed);
  await store.kill();
  await pause(awayS * 1_000);
  const went = seen.size - before;
  const refused = [...failed].filter(([why, count]) => why.startsWith(phase) && count !== failedBefore.get(why));
  await store.start();
  const started = performance.now();
  await allReady();
  const ready = performance.now() - started;
  await drained();
  console.log(
    `the store away for ${seconds(started - began)}: ${went} answers with a known key ended meanwhile, ${refused.map(([why, count]) => `${why} x${count}`).join(", ") || "none failed"}; ` +
      `ready ${seconds(ready)}, all stored ${seconds(performance.now() - started)} after its start; memory ${memoryMb.toFixed(0)} MB at most`,
  );
  phase = "all well";
  return went > 0 && refused.length === 0;
}

console.log(`${rounds} kills under streaming load at concurrency ${concurrency}, two nodes on ${Object.keys(shared).join(" and ")}, seed ${seed}`);
const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
const running = Promise.all([watchMemory(), ...Array.from({ length: concurrency }, (_, n) => load(agent, n))]);
await until("the load runs", () => seen.size > 100, 30_000);
const memoryAtFirst = memoryMb;
for (let number = 1; number <= rounds; number++) await playRound(number);
const wentOn = awayS === 0 || (await stayAway());
isOver = true;
await running;
agent.destroy();
const drain = await drained();
const verdict = await judge(admin, seen);
await cluster.stop();
await provider.stop();
await Promise.all([shared.mariadb?.stop(), shared.redis?.stop()]);

for (const [why, count] of [...failed].sort()) console.log(`  ${why} x${count}`);
const denied = [...failed].filter(([why]) => /: 40[1-3]$/.test(why)).length;
const holds = isRight(verdict) && denied === 0 && wentOn && memoryMb < memoryMaxMb && seen.size > 0;
console.log(
  `${holds ? "nothing lost, nothing twice" : "FAILED"}: ${rounds} kills, ${calls} calls, ${seen.size} answers seen to end; ${inWords(verdict)}; ${denied} kinds of calls denied; ` +
    `slowest call ${seconds(slowestMs)}; the last of the backlog stored ${seconds(drain)} after the end; memory of a node ${memoryAtFirst.toFixed(0)} MB at first, ${memoryMb.toFixed(0)} MB at most (bound ${memoryMaxMb})`,
);
process.exit(holds ? 0 : 1);
