// A new server takes the place of a running one: nobody outside notices.
import { Agent } from "node:http";
import { createServer, type AddressInfo } from "node:net";
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

test("a socket of systemd's is served, and handed on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "relay-e2e-activated-"));
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  const env = { PATH: process.env.PATH, DATA_DIR: join(folder, "data"), LOG_DIR: join(folder, "logs"), CLIENT_API_PORT: "1", LISTEN_FDS: "1", ANTHROPIC_API_KEY: "sk-ant-e2e-upstream-credential", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
  const child = spawn("sh", ["-c", `LISTEN_PID=$$ exec "${binary}" serve`], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit", (socket as any)._handle.fd] });
  let pid = child.pid!;
  onTestFinished(async () => {
    await stop(pid).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve) => child.stdout!.on("data", (text) => /listening on/.test(String(text)) && resolve()));
  socket.close(); // ours: the relay has its own of the same
  const health = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status;
  expect(await health()).toBe(200);
  pid = await restart(pid);
  expect(await health()).toBe(200);
}, 60_000);
