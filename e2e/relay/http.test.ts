// HTTP as clients speak it: chunked bodies, Expect, HTTP/1.0, pipelining, sizes; and the service's own answers.
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, chunk, startStream } from "../support/provider";
import { message, messageEvents, messagesRequest } from "../support/answers";
import { post, statusOf, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
const key = () => `X-Api-Key: ${up.relay.admin.key}\r\nHost: relay.test\r\nContent-Type: application/json\r\n`;
const body = JSON.stringify(messagesRequest({ note: "é😀" }));

async function send(bytes: string | Buffer): Promise<Wire> {
  const wire = await Wire.open(up.relay.port);
  wire.send(bytes);
  return wire;
}

test("a chunked request body arrives whole, in any chunks", async () => {
  const bytes = Buffer.from(body);
  const wire = await send(`POST /v1/messages HTTP/1.1\r\n${key()}Transfer-Encoding: chunked\r\n\r\n`);
  for (let at = 0; at < bytes.length; at += 11) {
    wire.send(chunk(bytes.subarray(at, at + 11)));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  wire.send("0\r\nX-Trailer: v\r\n\r\n");
  expect(statusOf(await wire.until(/\r\n\r\n/))).toBe(200);
  expect(provider.last.body.equals(bytes)).toBe(true);
  expect(provider.last.get("content-length")).toBe(String(bytes.length));
});

test("a body that waits for 100 Continue gets it", async () => {
  const bytes = Buffer.from(body);
  const wire = await send(`POST /v1/messages HTTP/1.1\r\n${key()}Content-Length: ${bytes.length}\r\nExpect: 100-continue\r\n\r\n`);
  expect(await wire.until(/\r\n\r\n/)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  wire.send(bytes);
  expect(await wire.until(/200 OK[^]*\{\}$/)).toMatch(/100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  expect(provider.last.get("expect")).toBeUndefined();
});

test("a key that is refused is refused before 100 Continue", async () => {
  const wire = await send(`POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Api-Key: cr_bad\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`);
  expect(statusOf(await wire.until(/\r\n\r\n/))).toBe(401);
});

test("an HTTP/1.0 client gets a stream without chunks, that ends with the connection", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(Buffer.concat([...messageEvents("msg_10").map(chunk), Buffer.from("0\r\n\r\n")]));
  };
  const bytes = Buffer.from(JSON.stringify(messagesRequest({ stream: true })));
  const wire = await send(`POST /v1/messages HTTP/1.0\r\n${key()}Content-Length: ${bytes.length}\r\n\r\n${bytes}`);
  const got = await wire.closed();
  const [head, text] = got.split("\r\n\r\n");
  expect(statusOf(got)).toBe(200);
  expect(head!.toLowerCase()).not.toContain("transfer-encoding");
  expect(text).toBe(messageEvents("msg_10").join(""));
  expect(provider.last.line).toMatch(/HTTP\/1\.1$/);
});

test("an HTTP/1.0 client that keeps its connection may use it again", async () => {
  const bytes = Buffer.from(body);
  const request = Buffer.from(`POST /v1/messages HTTP/1.0\r\n${key()}Connection: keep-alive\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`);
  const wire = await send(request);
  expect((await wire.until(/\{\}$/)).toLowerCase()).toContain("connection: keep-alive");
  wire.send(request);
  await wire.until(/\{\}[^]*\{\}$/);
  expect(provider.requests).toHaveLength(2);
});

test("pipelined requests are answered in order", async () => {
  let sent = 0;
  provider.reply = (request) => setTimeout(() => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message(`msg_p${request.json().n}`))), sent++ === 0 ? 50 : 0);
  const fields = { "x-api-key": up.relay.admin.key };
  const wire = await send([1, 2, 3].map((n) => post("/v1/messages", messagesRequest({ n }), fields)).join(""));
  await wire.until(/msg_p1[^]*msg_p2[^]*msg_p3[^]*\}$/);
  expect(wire.text.match(/HTTP\/1.1 200/g)).toHaveLength(3);
});

test("a request in single bytes is one request", async () => {
  const wire = await Wire.open(up.relay.port);
  for (const byte of Buffer.from(post("/v1/messages", "{\"model\":\"claude-sonnet-5-5\"}", { "x-api-key": up.relay.admin.key }))) {
    wire.send(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(statusOf(await wire.until(/\r\n\r\n/))).toBe(200);
});

const tooBig = 32 * 1024 * 1024 + 1;
test("a length past 32 MB is 413 before the body comes, in the dialect's shape", async () => {
  const wire = await send(`POST /v1/messages HTTP/1.1\r\n${key()}Content-Length: ${tooBig}\r\n\r\n`);
  const got = await wire.closed();
  expect(statusOf(got)).toBe(413);
  expect(got).toContain('"request_too_large"');
  expect(got.toLowerCase()).toContain("x-should-retry: false");
});

test("chunks past 32 MB are 413 and nothing reaches the provider", async () => {
  const wire = await send(`POST /v1/messages HTTP/1.1\r\n${key()}Transfer-Encoding: chunked\r\n\r\n`);
  const part = chunk(Buffer.alloc(1024 * 1024, 0x20));
  for (let n = 0; n < 33 && wire.endedAt === undefined; n++) {
    wire.send(part);
    while (wire.socket.writableLength > 0 && wire.endedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(statusOf(await wire.closed())).toBe(413);
  expect(provider.requests).toHaveLength(0);
});

test("a body of 30 MB passes byte for byte", async () => {
  const big = JSON.stringify(messagesRequest({ pad: "x".repeat(30 * 1024 * 1024) }));
  expect((await up.relay.post("/v1/messages", big, { "x-api-key": up.relay.admin.key })).status).toBe(200);
  expect(provider.last.body.equals(Buffer.from(big))).toBe(true);
});

test("the service answers for itself", async () => {
  expect((await up.relay.get("/health")).status).toBe(200);
  expect((await up.relay.get("/ready")).status).toBe(200);
  expect((await up.relay.get("/")).status).toBe(200);
  expect((await up.relay.request("HEAD", "/")).status).toBe(200);
  const batch = await up.relay.post("/api/event_logging/batch", { events: [{ a: 1 }] });
  expect(batch.status).toBe(200);
  const openapi = await up.relay.get("/openapi.json");
  expect(openapi.body.openapi).toMatch(/^3\.1/);
  expect(Object.keys(openapi.body.paths)).toContain("/api/client/keys");
  expect(provider.requests).toHaveLength(0);
});

test("an unknown route is 404, a known one with another method 405 that names the right ones", async () => {
  expect((await up.relay.post("/v1/nothing", {})).status).toBe(404);
  const wrong = await up.relay.get("/v1/messages", { "x-api-key": up.relay.admin.key });
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toContain("POST");
  expect(provider.requests).toHaveLength(0);
});
