// Memory over time: 2,000 streams that never end for long, and bodies of 1 MB. `./dev soak [minutes]` runs it; it prints the
// relay's resident memory each minute, and its slope after warm-up. Of a minute the median of its seconds counts: how many
// bodies of 1 MB are on their way in one moment says nothing of growth.
import { Agent, request } from "node:http";
import { readFile } from "node:fs/promises";
import { messagesRequest } from "../support/answers";
import { Relay } from "../support/relay";
import { Simulate } from "../support/simulate";
import { median } from "../support/until";

const minutes = Number(process.argv[2] ?? 30);
const streams = Number(process.argv[3] ?? 2_000);
const boundMbAnHour = 1;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const simulate = await Simulate.start();
const relay = await Relay.start({ upstream: simulate.url, env: { LOG_LEVEL: "warn" } });
const pid = relay.process.child.pid!;
const agent = new Agent({ keepAlive: true, maxSockets: streams + 64 });
let over = false;
const counts = { streams: 0, bodies: 0, failed: 0 };

function call(body: string, simulated: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { "x-api-key": relay.admin.key, "anthropic-version": "2023-06-01", "content-type": "application/json", "content-length": Buffer.byteLength(body), "x-simulate": simulated };
    const sent = request({ agent, port: relay.port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers }, (got) => {
      got.on("data", () => undefined);
      got.on("error", () => undefined);
      got.once("close", () => resolve(got.complete && got.statusCode === 200));
    });
    sent.on("error", () => resolve(false));
    sent.end(body);
  });
}

// Each takes 20 to 40 s, so that they come and go all the time.
async function streaming() {
  while (!over) {
    const events = 20 + Math.floor(Math.random() * 20);
    if (await call(JSON.stringify(messagesRequest({ stream: true })), `events=${events},gap=1000`)) counts.streams++;
    else counts.failed++;
  }
}
const large = JSON.stringify(messagesRequest({ messages: [{ role: "user", content: "x".repeat(1024 * 1024) }] }));
async function bodies() {
  while (!over) {
    if (await call(large, "size=1000")) counts.bodies++;
    else counts.failed++;
    await pause(100);
  }
}

/** Least squares, per hour. */
function slope(points: [hours: number, mb: number][]): number {
  const mean = (of: (point: [number, number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  const spread = points.reduce((sum, [hours]) => sum + (hours - x) ** 2, 0);
  return points.reduce((sum, [hours, mb]) => sum + (hours - x) * (mb - y), 0) / spread;
}

const running = [...Array.from({ length: streams }, streaming), ...Array.from({ length: 8 }, bodies)];
const points: [number, number][] = [];
const warmUp = Math.max(1, Math.floor(minutes / 5));
const began = performance.now();
console.log(`${minutes} minutes, ${streams} streams at a time and 8 senders of 1 MB; the first ${warmUp} minutes are warm-up`);
const megabytes = (status: string, name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]) / 1024;
for (let minute = 1; minute <= minutes; minute++) {
  const [all, own]: [number[], number[]] = [[], []];
  for (let second = 1; second <= 60; second++) {
    await pause(began + ((minute - 1) * 60 + second) * 1_000 - performance.now());
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    all.push(megabytes(status, "VmRSS"));
    own.push(megabytes(status, "RssAnon"));
  }
  if (minute > warmUp) points.push([minute / 60, median(all)]);
  console.log(`minute ${minute}: ${median(all).toFixed(1)} MB resident (${median(own).toFixed(1)} anonymous); streams ended ${counts.streams}, bodies ${counts.bodies}, failed ${counts.failed}`);
}
over = true;
await Promise.all(running);
agent.destroy();
await relay.stop();
await simulate.stop();
const rise = points.length > 1 ? slope(points) : NaN;
const holds = counts.failed === 0 && rise < boundMbAnHour;
console.log(`${holds ? "ok  " : "FAIL"} slope after warm-up: ${rise.toFixed(2)} MB an hour (under ${boundMbAnHour}); failed calls: ${counts.failed}`);
process.exit(holds ? 0 : 1);
