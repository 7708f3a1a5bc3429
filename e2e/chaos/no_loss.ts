// Money is right, whatever crashes: streamed calls at concurrency 64 while the relay is killed with SIGKILL at a
// random moment and started again at once. Every answer that a client saw end must be in usage_logs exactly once, by
// its message id, and the roll-ups must equal the sums of the rows. Usage: no_loss.ts [rounds] [calls] [seed]
import { execFileSync, spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chunk, Provider, startStream } from "../support/provider";
import { messageEvents, messagesRequest, usage } from "../support/answers";
import { Relay } from "../support/relay";

const rounds = Number(process.argv[2] ?? 20);
const calls = Number(process.argv[3] ?? 2_000);
const seed = Number(process.argv[4] ?? Date.now() % 1_000_000);
const concurrency = 64;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

// mulberry32: a round can be run again with its seed.
let state = seed;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}

let answers = 0;
const provider = await new Provider().listen();
provider.reply = async (call) => {
  const events = messageEvents(`msg_chaos_${++answers}`);
  provider.requests.length = 0; // nobody looks at them: keep memory flat
  startStream(call);
  for (const event of events) {
    if (call.socket.destroyed) return;
    call.socket.write(chunk(event));
    await pause(Math.random() * 5); // streams that do not go in step
  }
  if (!call.socket.destroyed) call.socket.write("0\r\n\r\n");
};

/** The id of the message whose message_stop came, or what kept it from coming. */
function call(agent: Agent, port: number, key: string): Promise<{ ended?: string; failed?: string }> {
  return new Promise((resolve) => {
    let text = "";
    const outcome = (failed: string) => {
      const id = /"id":"(msg_chaos_\d+)"/.exec(text)?.[1];
      resolve(id && text.includes("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n") ? { ended: id } : { failed });
    };
    const body = JSON.stringify(messagesRequest({ stream: true }));
    const headers = { "x-api-key": key, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent, port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers }, (got) => {
      got.setEncoding("utf8");
      got.on("data", (part: string) => (text += part));
      got.once("close", () => outcome(`status ${got.statusCode}, cut`));
      got.on("error", () => undefined);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => outcome(error.code ?? error.message));
    sent.end(body);
  });
}

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
      const { ended, failed } = await call(agent, port(), key);
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

const query = (database: string, sql: string) => execFileSync("sqlite3", ["-readonly", database, sql], { encoding: "utf8", maxBuffer: 1 << 28 }).trim();
const sums = "COUNT(*), SUM(input_tokens), SUM(cache_read_tokens), SUM(cache_write_5m_tokens), SUM(cache_write_1h_tokens), SUM(output_tokens), SUM(cost_nano_usd)";
const rollUps = sums.replace("COUNT(*)", "SUM(requests)");

interface Verdict {
  missing: number;
  doubled: number;
  wrong: number;
  rows: number;
  rollUpsEqual: boolean;
}

function judge(database: string, seen: Set<string>): Verdict {
  const rows = new Map<string, { times: number; right: boolean }>();
  let count = 0;
  for (const line of query(database, "SELECT message_id, input_tokens, output_tokens, outcome FROM usage_logs").split("\n").filter(Boolean)) {
    const [id, input, output] = line.split("|") as [string, string, string];
    count++;
    const row = rows.get(id) ?? { times: 0, right: true };
    row.times++;
    row.right &&= Number(input) === usage.input_tokens && Number(output) === usage.output_tokens;
    rows.set(id, row);
  }
  const verdict: Verdict = { missing: 0, doubled: 0, wrong: 0, rows: count, rollUpsEqual: query(database, `SELECT ${sums} FROM usage_logs`) === query(database, `SELECT ${rollUps} FROM usage_daily`) };
  for (const id of seen) {
    const row = rows.get(id);
    if (!row) verdict.missing++;
    else if (!row.right) verdict.wrong++;
  }
  for (const [id, row] of rows) if (id !== "" && row.times > 1) verdict.doubled++;
  return verdict;
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
  const verdict = judge(join(folder, "data", "relay.sqlite"), round.seen);
  const failed = [...round.failed.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...round.failed].map(([why, count]) => `${why} x${count}`).join(", ");
  console.log(
    `round ${number}: killed at call ${killedAt}; seen to end ${round.seen.size}, broken ${failed} (${reasons || "none"}); ` +
      `rows ${verdict.rows}, missing ${verdict.missing}, twice ${verdict.doubled}, wrong figures ${verdict.wrong}, ` +
      `roll-ups ${verdict.rollUpsEqual ? "equal" : "DIFFER"}; ${(ms / 1000).toFixed(1)} s`,
  );
  const isRight = verdict.missing + verdict.doubled + verdict.wrong === 0 && verdict.rollUpsEqual;
  if (isRight) await rm(folder, { recursive: true, force: true });
  else console.log(`round ${number}: kept for a look: ${folder}`);
  return { verdict, seen: round.seen.size, failed };
}

console.log(`${rounds} rounds of ${calls} streamed calls at concurrency ${concurrency}, seed ${seed}`);
const total = { seen: 0, broken: 0, missing: 0, doubled: 0, wrong: 0, different: 0, idle: 0 };
for (let number = 1; number <= rounds; number++) {
  const { verdict, seen, failed } = await playRound(number);
  total.seen += seen;
  total.broken += failed;
  total.missing += verdict.missing;
  total.doubled += verdict.doubled;
  total.wrong += verdict.wrong;
  total.different += verdict.rollUpsEqual ? 0 : 1;
  total.idle += failed === 0 ? 1 : 0;
}
await provider.stop();
const isRight = total.missing + total.doubled + total.wrong + total.different === 0 && total.seen > 0;
console.log(
  `${isRight ? "nothing lost, nothing twice" : "LOSS"}: ${rounds} kills, ${total.seen} answers seen to end, ${total.broken} broken, ` +
    `${total.missing} missing, ${total.doubled} twice, ${total.wrong} with wrong figures, ${total.different} rounds with differing roll-ups` +
    (total.idle > 0 ? `; ${total.idle} kills hit no call` : ""),
);
process.exit(isRight ? 0 : 1);
