// SIGTERM lets running answers end; TLS to providers is verified; the relay's own port speaks TLS.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer, chunk, Provider, startStream } from "../support/provider";
import { Relay } from "../support/relay";
import { message, messageEvents, messagesRequest } from "../support/answers";
import { post, statusOf, Wire } from "../support/wire";

let folder = "";
let tlsProvider: Provider;
const path = (name: string) => join(folder, name);
const openssl = (...args: string[]) => promisify(execFile)("openssl", args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-e2e-tls-"));
  const rsa = ["-newkey", "rsa:2048", "-nodes"];
  await openssl("req", "-x509", ...rsa, "-days", "2", "-subj", "/CN=Private test authority", "-keyout", path("ca.key"), "-out", path("ca.pem"));
  await openssl("req", ...rsa, "-subj", "/CN=provider", "-keyout", path("server.key"), "-out", path("server.csr"), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
  await openssl("x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out", path("server.pem"));
  tlsProvider = await new Provider({ key: await readFile(path("server.key")), cert: await readFile(path("server.pem")) }).listen();
  tlsProvider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_tls")));
});
afterAll(async () => {
  await tlsProvider?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a provider with a private authority is trusted when its file is named", async () => {
  const relay = await Relay.start({ upstream: `https://localhost:${tlsProvider.port}`, env: { UPSTREAM_CA_FILE: path("ca.pem") } });
  const passed = await relay.messages(messagesRequest());
  expect(passed.body.id).toBe("msg_tls");
  await relay.stop();
});

test("and refused when it is not: nothing is sent to it", async () => {
  tlsProvider.clear();
  const relay = await Relay.start({ upstream: `https://localhost:${tlsProvider.port}` });
  const refused = await relay.messages(messagesRequest());
  expect(refused.status).toBe(502);
  expect(refused.body.error.type).toBe("api_error");
  expect(tlsProvider.requests).toHaveLength(0);
  await relay.stop();
});

test("a certificate for another name is refused", async () => {
  await openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=elsewhere.test", "-addext", "subjectAltName=DNS:elsewhere.test", "-keyout", path("other.key"), "-out", path("other.pem"));
  const other = await new Provider({ key: await readFile(path("other.key")), cert: await readFile(path("other.pem")) }).listen();
  const relay = await Relay.start({ upstream: `https://localhost:${other.port}`, env: { UPSTREAM_CA_FILE: path("other.pem") } });
  expect((await relay.messages(messagesRequest())).status).toBe(502);
  expect(other.requests).toHaveLength(0);
  await relay.stop();
  await other.stop();
});

test("the relay's own port speaks TLS", async () => {
  const relay = await Relay.start({
    upstream: `https://localhost:${tlsProvider.port}`,
    env: { UPSTREAM_CA_FILE: path("ca.pem"), TLS_CERT_FILE: path("server.pem"), TLS_KEY_FILE: path("server.key") },
  });
  expect(relay.url).toMatch(/^https:/);
  const ca = await readFile(path("ca.pem"));
  const text = await new Promise<string>((resolve, reject) => {
    const options = { method: "POST", ca, headers: { "x-api-key": relay.admin.key, "content-type": "application/json" } };
    const call = httpsRequest(`${relay.url}/v1/messages`, options, (got) => {
      let body = "";
      got.setEncoding("utf8").on("data", (part) => (body += part)).on("end", () => resolve(body));
    });
    call.on("error", reject).end(JSON.stringify(messagesRequest()));
  });
  expect(JSON.parse(text).id).toBe("msg_tls");
  const plain = await Wire.open(relay.port);
  plain.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(statusOf(await plain.closed())).not.toBe(200);
  await relay.stop();
});

async function drainingRelay(env: Record<string, string> = {}) {
  const provider = await new Provider().listen();
  const relay = await Relay.start({ upstream: provider.url, env });
  const events = messageEvents("msg_drain");
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(events.slice(0, 4).join("")));
  };
  const wire = await Wire.open(relay.port);
  wire.send(post("/v1/messages", messagesRequest({ stream: true }), { "x-api-key": relay.admin.key }));
  await wire.until(/Hello /);
  return { provider, relay, wire, rest: events.slice(4) };
}

test("SIGTERM: no new connections, the running stream ends whole, usage is settled, exit 0", async () => {
  const { provider, relay, wire, rest } = await drainingRelay();
  const idle = await Wire.open(relay.port);
  idle.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  await idle.until(/200 OK/);
  const stopped = relay.stop(); // expects exit code 0
  await idle.closed(2_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await expect(Wire.open(relay.port)).rejects.toThrow(/ECONNREFUSED/);

  provider.last.socket.write(chunk(rest.join("")));
  provider.last.socket.write("0\r\n\r\n");
  expect(await wire.closed()).toMatch(/message_stop[^]*\r\n0\r\n\r\n$/);
  await stopped;
  await provider.stop();
});

test("a drain ends at its limit, and a stream that still ran is cut, not ended", async () => {
  const { provider, relay, wire } = await drainingRelay({ DRAIN_LIMIT: "500ms" });
  const from = performance.now();
  await relay.stop();
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(await wire.closed()).not.toMatch(/\r\n0\r\n\r\n$/);
  await provider.stop();
});

test.each(["no answer to the call", "no answer to the TLS handshake"])("a drain ends when a provider gives %s", async (what) => {
  const provider = await new Provider().listen(); // answers neither: it waits for more
  provider.reply = () => undefined;
  const upstream = what.includes("TLS") ? `https://127.0.0.1:${provider.port}` : provider.url;
  const relay = await Relay.start({ upstream, env: { DRAIN_LIMIT: "300ms", UPSTREAM_CONNECT_TIMEOUT: "3s" } });
  const wire = await Wire.open(relay.port);
  wire.send(post("/v1/messages", messagesRequest(), { "x-api-key": relay.admin.key }));
  while (provider.connections === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await relay.stop();
  await provider.stop();
});

test("what was used before a restart is there after it, and keys still open", async () => {
  const provider = await new Provider().listen();
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_again")));
  const home = await mkdtemp(join(tmpdir(), "relay-e2e-again-"));
  const first = await Relay.start({ upstream: provider.url, folder: home });
  await first.messages(messagesRequest());
  await first.stop();
  const second = await Relay.start({ upstream: provider.url, folder: home });
  expect(second.process.stdout).not.toContain("First start");
  second.admin = first.admin;
  second.keepSecret(first.admin.key, first.admin.password);
  expect((await second.messages(messagesRequest())).status).toBe(200);
  const { Person } = await import("../support/people");
  const person = await Person.admin(second);
  const key = (await person.get("/keys")).body.data[0];
  await person.usage(key.id, 2);
  await second.stop();
  await provider.stop();
  await rm(home, { recursive: true, force: true });
});
