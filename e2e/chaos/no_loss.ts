// Money is right, whatever crashes: streamed calls at concurrency 64 while the relay is killed with SIGKILL at a
// random moment and started again at once. Every answer that a client saw end must be stored exactly once, by its
// message id, and the roll-ups must equal the sums of the rows. Usage: no_loss.ts [rounds] [calls] [seed]
import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inWords, isRight, judge, type Verdict } from "../support/ledger";
import { Person } from "../support/people";
import { seeded } from "../support/random";
import { Relay } from "../support/relay";
import { startStore, storeOfRun } from "../support/store";
import { stream, streamingProvider } from "../support/streams";

const rounds = Number(process.argv[2] ?? 20);
const calls = Number(process.argv[3] ?? 2_000);
const seed = Number(process.argv[4] ?? Date.now() % 1_000_000);
const concurrency = 64;
const random = seeded(seed);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const store = await startStore(storeOfRun());
const provider = await streamingProvider();

interface Round {
  seen: Set<string>;
  failed: Map<string, number>;
}

/** `port` is asked for anew at every call: the relay moves when it is started again. */
async function load(port: () => number, key: string, progress: { done: number }): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const round: Round = { seen: new Set(), failed: new Map() };
  const one = async () => {
    while (progress.done < calls) {
      progress.done++;
      const { ended, failed } = await stream(agent, port(), key);
      if (ended) round.seen.add(ended);
      if (failed === "ECONNREFUSED") {
        progress.done--; // nobody listens: that was no call
        await pause(5);
      } else if (failed) {
        round.failed.set(failed, (round.failed.get(failed) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  agent.destroy();
  return round;
}

async function playRound(number: number): Promise<{ verdict: Verdict; seen: number; failed: number }> {
  const folder = await mkdtemp(join(tmpdir(), "relay-chaos-"));
  const options = { upstream: provider.url, folder, env: { LOG_LEVEL: "warn" } };
  let relay = await Relay.start(options);
  const first = relay;
  const progress = { done: 0 };
  const began = performance.now();
  const running = load(() => relay.port, first.admin.key, progress);
  // Any moment while calls run: at a random call, and then up to the time that one call takes. A process of its own
  // kills, so that the moment has nothing to do with the turns of this one's loop.
  const target = Math.floor(random() * calls);
  while (progress.done < target) await pause(1);
  spawn("sh", ["-c", `sleep ${(random() * 0.04).toFixed(4)}; kill -9 ${relay.process.child.pid}`], { stdio: "inherit" });
  const died = await relay.process.exit();
  const killedAt = progress.done;
  if (died !== "SIGKILL") throw new Error(`the relay ended with ${died}`);
  relay = await Relay.start(options);
  const round = await running;
  const ms = performance.now() - began;
  relay.keepSecret(first.admin.key, first.admin.password);
  await relay.stop(); // SIGTERM: settles, writes what is left, exit code 0
  relay = await Relay.start(options);
  relay.admin = first.admin;
  const verdict = await judge(await Person.admin(relay), round.seen);
  await relay.stop();
  const failed = [...round.failed.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...round.failed].map(([why, count]) => `${why} x${count}`).join("; ");
  console.log(
    `round ${number}: killed at call ${killedAt}; seen to end ${round.seen.size}, broken ${failed} (${reasons || "none"}); ` +
      `${inWords(verdict)}; ${(ms / 1000).toFixed(1)} s`,
  );
  if (isRight(verdict)) await rm(folder, { recursive: true, force: true });
  else console.log(`round ${number}: kept for a look: ${folder}`);
  return { verdict, seen: round.seen.size, failed };
}

console.log(`${rounds} rounds of ${calls} streamed calls at concurrency ${concurrency} on ${storeOfRun()}, seed ${seed}`);
const total = { seen: 0, broken: 0, wrong: 0, idle: 0 };
for (let number = 1; number <= rounds; number++) {
  const { verdict, seen, failed } = await playRound(number);
  total.seen += seen;
  total.broken += failed;
  total.wrong += isRight(verdict) ? 0 : 1;
  total.idle += failed === 0 ? 1 : 0;
}
await provider.stop();
await store.stop();
const holds = total.wrong === 0 && total.seen > 0;
console.log(
  `${holds ? "nothing lost, nothing twice" : "LOSS"}: ${rounds} kills, ${total.seen} answers seen to end, ${total.broken} broken, ` +
    `${total.wrong} rounds that do not add up` +
    (total.idle > 0 ? `; ${total.idle} kills hit no call` : ""),
);
process.exit(holds ? 0 : 1);
