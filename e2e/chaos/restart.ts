// A new server in the place of the old one, again and again, under load: streams and plain calls, over kept and over new
// connections. No call may fail, and what every answer used must be stored exactly once. Usage: restart.ts [restarts]
import { Agent } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inWords, isRight, judge } from "../support/ledger";
import { Person } from "../support/people";
import { Relay } from "../support/relay";
import { failures, isRunning, load, restart, stop } from "../support/restart";
import { startStore, storeOfRun } from "../support/store";
import { streamingProvider } from "../support/streams";

const restarts = Number(process.argv[2] ?? 20);
const concurrency = 64;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const store = await startStore(storeOfRun());
const provider = await streamingProvider();
const folder = await mkdtemp(join(tmpdir(), "relay-restart-"));
const relay = await Relay.start({ upstream: provider.url, folder, env: { LOG_LEVEL: "info" } });
let pid = relay.process.child.pid!;
const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
let over = false;
console.log(`${restarts} restarts under ${concurrency} calls at a time on ${storeOfRun()}`);
const running = load(relay.port, relay.admin.key, agent, concurrency, () => over);
let failed = "";
try {
  for (let number = 1; number <= restarts; number++) {
    await pause(500 + Math.random() * 1_000);
    const began = performance.now();
    const before = pid;
    pid = await restart(pid);
    console.log(`restart ${number}: ${before} -> ${pid}, the old one gone after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  await pause(500);
} catch (error) {
  failed = String(error);
}
over = true;
const done = await running;
agent.destroy();
// Once more, so that all is stored.
await stop(pid);
const again = await Relay.start({ upstream: provider.url, folder, env: { LOG_LEVEL: "warn" } });
again.admin = relay.admin;
await pause(2_000);
const verdict = await judge(await Person.admin(again), done.seen);
await again.stop();
await provider.stop();
await store.stop();
const log = await readFile(join(folder, "logs", "claude-relay-current.log"), "utf8");
const cut = (log.match(/the drain limit has passed/g) ?? []).length;
const reasons = [...done.failed].map(([why, count]) => `${why} x${count}`).join("; ") || "none";
console.log(`calls ${done.calls}, failed ${failures(done)} (${reasons}), seen to end ${done.seen.size}; ${inWords(verdict)}`);
const holds = failed === "" && failures(done) === 0 && isRight(verdict) && done.seen.size > 0 && cut === 0 && !(await isRunning(pid));
if (holds) await rm(folder, { recursive: true, force: true });
console.log(`${holds ? "no failed call, no lost row" : `FAILED ${failed} (kept for a look: ${folder})`}: ${restarts} restarts, rows ${verdict.rows}, missing ${verdict.missing}, twice ${verdict.doubled}`);
process.exit(holds ? 0 : 1);
