// A new server takes the place of a running one: nobody outside notices.
import { Agent } from "node:http";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { judge } from "../support/ledger";
import { Person } from "../support/people";
import { answer, chunk, Provider, startStream } from "../support/provider";
import { message, messageEvents, messagesRequest } from "../support/answers";
import { binary, Relay } from "../support/relay";
import { childrenOf, failures, isRunning, load, restart, stop } from "../support/restart";
import { streamingProvider } from "../support/streams";
import { until } from "../support/until";
import { post, statusOf, Wire } from "../support/wire";

/** A relay in a folder that stays, so that its successors can be looked at; all of them end with the test. */
async function startRelay(upstream: string, env: Record<string, string> = {}): Promise<Relay> {
  const folder = await mkdtemp(join(tmpdir(), "relay-e2e-restart-"));
  const relay = await Relay.start({ upstream, folder, env });
  onTestFinished(async () => {
    await stop(serving.get(relay)!).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  serving.set(relay, relay.process.child.pid!);
  return relay;
}
const serving = new Map<Relay, number>();
async function restarted(relay: Relay): Promise<number> {
  const pid = await restart(serving.get(relay)!);
  serving.set(relay, pid);
  return pid;
}
const logOf = (relay: Relay) => readFile(join(relay.folder, "logs", "claude-relay-current.log"), "utf8");

test("two restarts under load: no call fails, and every answer is stored once", async () => {
  const provider = await streamingProvider();
  onTestFinished(() => provider.stop());
  const relay = await startRelay(provider.url, { LOG_LEVEL: "info" });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  onTestFinished(() => agent.destroy());
  let over = false;
  const running = load(relay.port, relay.admin.key, agent, 16, () => over);
  for (let number = 0; number < 2; number++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await restarted(relay);
  }
  over = true;
  const done = await running;
  expect([...done.failed]).toEqual([]);
  expect(failures(done)).toBe(0);
  expect(done.seen.size).toBe(done.calls);
  await until("the first server's exit code is known", () => relay.process.child.exitCode !== null);
  expect(relay.process.child.exitCode).toBe(0);
  const admin = await Person.admin(relay);
  const verdict = await until("every answer is stored", async () => {
    const found = await judge(admin, done.seen);
    return found.missing === 0 && found.rows === done.calls ? found : undefined;
  }, 15_000);
  expect(verdict).toMatchObject({ rows: done.calls, missing: 0, doubled: 0, wrong: 0, rollUpsEqual: true });
}, 90_000);

test("a stream that runs goes on at the old server to its end, while the new one serves", async () => {
  const provider = await new Provider().listen();
  onTestFinished(() => provider.stop());
  const events = messageEvents("msg_handed");
  let finish = () => undefined as void;
  provider.reply = (request) => {
    if (!/"stream":true/.test(request.body.toString())) return answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_new")));
    startStream(request);
    request.socket.write(chunk(events.slice(0, 4).join("")));
    finish = () => void request.socket.write(Buffer.concat([chunk(events.slice(4).join("")), Buffer.from("0\r\n\r\n")]));
  };
  const relay = await startRelay(provider.url);
  const wire = await Wire.open(relay.port);
  const quiet = await Wire.open(relay.port);
  wire.send(post("/v1/messages", messagesRequest({ stream: true }), { "x-api-key": relay.admin.key }));
  quiet.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  await quiet.until(/200 OK/);
  await wire.until(/Hello /);
  const old = serving.get(relay)!;
  process.kill(old, "SIGUSR2");
  await until("the successor serves", async () => (await logOf(relay)).includes("the successor serves"), 20_000);
  serving.set(relay, (await childrenOf(old))[0]!);
  // Whose connection was idle may ask once more there, and hears that it was the last time.
  quiet.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await quiet.closed()).toMatch(/200 OK[^]*200 OK[^]*[Cc]onnection: close/);
  expect((await relay.messages(messagesRequest())).body.id).toBe("msg_new");
  expect(await isRunning(old)).toBe(true);
  finish();
  const got = await wire.until(/\r\n0\r\n\r\n$/);
  expect(statusOf(got)).toBe(200);
  expect(got).toContain("message_stop");
  await until("the old server has gone", async () => !(await isRunning(old)));
}, 60_000);

test("a successor that can't start leaves the old server serving, and the log says why", async () => {
  const provider = await new Provider().listen();
  onTestFinished(() => provider.stop());
  const relay = await startRelay(provider.url);
  const pid = serving.get(relay)!;
  // Of the environment and .env the first wins: this setting stands in neither so far.
  await writeFile(join(relay.folder, ".env"), "UPSTREAM_CA_FILE=/nowhere/at/all.pem\n");
  process.kill(pid, "SIGUSR2");
  await until("the failure is told", async () => (await logOf(relay)).includes("the successor does not serve"), 20_000);
  expect(await logOf(relay)).toContain("/nowhere/at/all.pem");
  expect((await relay.messages(messagesRequest())).status).toBe(200);
  expect(await childrenOf(pid)).toEqual([]);
  await rm(join(relay.folder, ".env"));
  const next = await restarted(relay);
  expect(next).not.toBe(pid);
  expect((await relay.messages(messagesRequest())).status).toBe(200);
}, 60_000);

test("a second server does not start with the same DATA_DIR", async () => {
  const relay = await startRelay("http://127.0.0.1:9");
  const second = await relay.command("serve");
  expect(second.code).toBe(1);
  expect(second.text).toContain("another server runs with this DATA_DIR");
});

// As a .socket unit does it: bound and shared by root, whoever serves. Nobody else may bind beside it.
const activation = `
import os, socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("127.0.0.1", 0))
s.listen(128)
print("port", s.getsockname()[1], flush=True)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], [sys.argv[1], "serve"])`;

test("a socket of systemd's is served by all threads, no other is bound beside it, and it is handed on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "relay-e2e-activated-"));
  const env = { PATH: process.env.PATH, DATA_DIR: join(folder, "data"), LOG_DIR: join(folder, "logs"), CLIENT_API_PORT: "1", RELAY_THREADS: "3", ANTHROPIC_API_KEY: "sk-ant-e2e-upstream-credential", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
  const child = spawn("python3", ["-c", activation, binary], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  let pid = child.pid!;
  onTestFinished(async () => {
    await stop(pid).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  let said = "";
  child.stdout!.on("data", (text) => (said += text));
  await until("it listens", () => said.includes("listening on"));
  const port = Number(/^port (\d+)/.exec(said)![1]);
  const health = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status;
  const listening = async () => {
    const at = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
    return (await readFile("/proc/net/tcp", "utf8")).split("\n").filter((line) => line.split(/\s+/)[2]?.concat(" ").endsWith(at) && line.split(/\s+/)[4] === "0A").length;
  };
  expect([await health(), await listening()]).toEqual([200, 1]);
  pid = await restart(pid);
  expect([await health(), await listening()]).toEqual([200, 1]);
}, 60_000);
