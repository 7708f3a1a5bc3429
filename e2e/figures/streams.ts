// What slow clients cost, and whether others feel them. `./dev figures streams [readers] [senders]` runs it; it ends with an
// error when a figure is out of its bound. Run it with nothing beside it: it measures times.
import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Relay } from "../support/relay";
import { Simulate } from "../support/simulate";
import { messagesRequest } from "../support/answers";

const readers = Number(process.argv[2] ?? 1_000);
const senders = Number(process.argv[3] ?? 5_000);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const rows: boolean[] = [];
const report = (what: string, figure: string, bound: string, holds: boolean) => {
  rows.push(holds);
  console.log(`${holds ? "ok  " : "FAIL"} ${what}: ${figure} (${bound})`);
};

async function residentKb(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1]);
}

interface Slow {
  child: ChildProcess;
  last: { open: number; closed: number; bytes: number; last_closed_s: number };
}
function slowClients(kind: "read" | "head" | "body", count: number, relay: Relay, simulate = ""): Slow {
  const child = spawn("python3", ["figures/slow_clients.py", kind, String(count), String(relay.port), relay.admin.key, simulate], { stdio: ["ignore", "pipe", "inherit"] });
  const slow: Slow = { child, last: { open: 0, closed: 0, bytes: 0, last_closed_s: 0 } };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const line = text.trim().split("\n").at(-1)!;
    if (line.endsWith("}")) slow.last = JSON.parse(line);
  });
  return slow;
}
const ended = (slow: Slow) => (slow.child.exitCode !== null ? Promise.resolve() : new Promise<void>((resolve) => slow.child.once("exit", () => resolve())));

/** Calls of others: streams of 50 events, 10 ms apart. Milliseconds that each took, and how many failed. */
async function others(relay: Relay, calls: number): Promise<{ times: number[]; failed: number }> {
  const times: number[] = [];
  let failed = 0;
  let begun = 0;
  const one = async () => {
    while (begun++ < calls) {
      const from = performance.now();
      const got = await relay.messages(messagesRequest({ stream: true }), { "x-simulate": "events=50,gap=10" }).catch(() => undefined);
      if (got?.status === 200 && got.text.includes("message_stop")) times.push(performance.now() - from);
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: 10 }, one));
  return { times, failed };
}
const p99 = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;

const quick = await Simulate.start();
const large = await Simulate.start();
const env = { OPENAI_BASE_URL: large.url, LOG_LEVEL: "warn" };

{
  const relay = await Relay.start({ upstream: quick.url, env });
  const pid = relay.process.child.pid!;
  await others(relay, 200); // warm
  const alone = await others(relay, 600);
  const before = await residentKb(pid);
  const slow = slowClients("read", readers, relay, "events=25600,size=4096,gap=0");
  while (slow.last.open < readers && slow.child.exitCode === null) await pause(200);
  await pause(10_000);
  const beside = await others(relay, 600);
  const after = await residentKb(pid);
  const perStream = (after - before) / readers;
  report(`${readers} clients that read 1 KB a second of 100 MB: memory of a stream`, `${perStream.toFixed(1)} KB (resident ${before} -> ${after} KB, ${slow.last.open} open)`, "under 128 KB", perStream < 128 && slow.last.open === readers);
  const [a, b] = [p99(alone.times), p99(beside.times)];
  report("p99 of other streams, alone and beside them", `${a.toFixed(1)} and ${b.toFixed(1)} ms`, "within 10 %", b <= a * 1.1 && alone.failed + beside.failed === 0);
  await pause(70_000); // longer than CLIENT_WRITE_TIMEOUT
  report("the same after CLIENT_WRITE_TIMEOUT: who takes a little is not closed", `${slow.last.open} open, ${slow.last.closed} closed, ${slow.last.bytes} bytes read`, "all open", slow.last.open === readers);
  slow.child.kill();
  await ended(slow);
  await relay.stop();
}
{
  const relay = await Relay.start({ upstream: quick.url, env });
  const half = senders >> 1;
  const [heads, bodies] = [slowClients("head", half, relay), slowClients("body", senders - half, relay)];
  while (heads.last.open + bodies.last.open < Math.min(senders, senders * 0.9) && heads.child.exitCode === null) await pause(200);
  const meanwhile = await others(relay, 200);
  await Promise.race([Promise.all([ended(heads), ended(bodies)]), pause(100_000)]);
  report(`${half} senders of a head at 1 byte a second`, `${heads.last.closed} closed, the last after ${heads.last.last_closed_s} s`, "all, by CLIENT_HEAD_TIMEOUT (10 s) and what opening them takes", heads.last.closed === half && heads.last.last_closed_s < 30);
  report(`${senders - half} senders of a body at 1 byte a second`, `${bodies.last.closed} closed, the last after ${bodies.last.last_closed_s} s`, "all, by CLIENT_BODY_TIMEOUT (60 s) and what opening them takes", bodies.last.closed === senders - half && bodies.last.last_closed_s < 80);
  report("calls of others meanwhile", `${meanwhile.times.length} of 200, p99 ${p99(meanwhile.times).toFixed(1)} ms`, "all", meanwhile.failed === 0);
  heads.child.kill();
  bodies.child.kill();
  await relay.stop();
}
await quick.stop();
await large.stop();
process.exit(rows.every(Boolean) ? 0 : 1);
