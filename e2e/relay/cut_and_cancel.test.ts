// A cut stays a cut, and a client that is gone takes its call with it.
import { once } from "node:events";
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, chunk, head, startStream, type ProviderRequest } from "../support/provider";
import { message, messageEvents, messagesRequest } from "../support/answers";
import { post, statusOf, Wire } from "../support/wire";
import { timed } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));

async function call(body: object, path = "/v1/messages"): Promise<Wire> {
  const wire = await Wire.open(up.relay.port);
  wire.send(post(path, body, { "x-api-key": up.relay.admin.key }));
  return wire;
}

/** Milliseconds from now until the relay closes that connection. */
async function timeToClose(request: ProviderRequest): Promise<number> {
  const from = performance.now();
  if (!request.socket.destroyed) await once(request.socket, "close", { signal: AbortSignal.timeout(5_000) });
  return performance.now() - from;
}

test("a stream that is cut ends with an error event and without a last chunk", async () => {
  const events = messageEvents("msg_cut_1");
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(events.slice(0, 4).join("")), () => request.socket.destroy());
  };
  const wire = await call(messagesRequest({ stream: true }));
  const got = await wire.closed();
  expect(statusOf(got)).toBe(200);
  expect(got).toContain("Hello ");
  expect(got).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"api_error"/);
  expect(got).not.toContain("message_stop");
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("a cut in the middle of an event is a cut too: nothing is put behind half an event", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(messageEvents("msg_cut_2")[0]!), () =>
      request.socket.write(chunk('event: content_block_delta\ndata: {"type":"content_bl'), () => request.socket.destroy()),
    );
  };
  const got = await (await call(messagesRequest({ stream: true }))).closed();
  expect(got).toContain("message_start");
  expect(got).not.toContain("event: error");
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("a cut in the middle of a chunk is a cut", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write("ff\r\nevent: message_start\n", () => request.socket.destroy());
  };
  const got = await (await call(messagesRequest({ stream: true }))).closed();
  expect(statusOf(got)).toBe(200);
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("an OpenAI stream that is cut ends with its own error and without [DONE]", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk('data: {"id":"chatcmpl_1","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n'), () => request.socket.destroy());
  };
  const got = await (await call({ model: "gpt-5.4", stream: true, messages: [] }, "/v1/chat/completions")).closed();
  expect(got).toMatch(/data: \{"error":\{.*"message":"/);
  expect(got).not.toContain("[DONE]");
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("an answer with a length that is cut comes short and closed", async () => {
  const body = JSON.stringify(message("msg_cut_3"));
  provider.reply = (request) =>
    request.socket.write(head(200, { "content-type": "application/json", "content-length": body.length }) + body.slice(0, 50), () => request.socket.destroy());
  const got = await (await call(messagesRequest())).closed();
  const [headText, bodyText] = got.split("\r\n\r\n");
  if (statusOf(got) === 200) {
    expect(headText!.toLowerCase()).toContain(`content-length: ${body.length}`);
    expect(body.startsWith(bodyText!)).toBe(true);
    expect(bodyText!.length).toBeLessThan(body.length);
  } else {
    expect(statusOf(got)).toBe(502); // nothing was sent yet: an error is better still
  }
});

test("a chunked answer that ends with a reset has no last chunk", async () => {
  provider.reply = (request) => {
    request.socket.write(head(200, { "content-type": "application/json", "transfer-encoding": "chunked" }));
    request.socket.write(chunk('{"id":'), () => request.socket.resetAndDestroy());
  };
  const got = await (await call(messagesRequest())).closed();
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(got).not.toContain("event: error");
});

test("a connection that closes before the answer is a 502 that may be tried again", async () => {
  provider.reply = (request) => request.socket.destroy();
  const refused = await up.relay.messages(messagesRequest());
  expect(refused.status).toBe(502);
  expect(refused.body.type).toBe("error");
  expect(refused.headers.get("x-should-retry")).not.toBe("false");
});

test("a client that leaves a running stream cancels the provider's within 100 ms", timed, async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(messageEvents("msg_gone_1").slice(0, 4).join("")));
  };
  const wire = await call(messagesRequest({ stream: true }));
  await wire.until(/Hello /);
  const closed = timeToClose(provider.last);
  wire.close();
  expect(await closed).toBeLessThan(100);
});

test("a client that leaves a plain call before its answer cancels it within 100 ms", timed, async () => {
  provider.reply = () => undefined;
  const wire = await call(messagesRequest());
  await provider.reached(1);
  const closed = timeToClose(provider.last);
  wire.close();
  expect(await closed).toBeLessThan(100);
});

test("a client that resets its connection while events come cancels the call", timed, async () => {
  provider.reply = (request) => {
    startStream(request);
    const [start, ...rest] = messageEvents("msg_gone_2");
    request.socket.write(chunk(start!));
    const timer = setInterval(() => request.socket.write(chunk(rest[2]!)), 10);
    request.socket.once("close", () => clearInterval(timer));
  };
  const wire = await call(messagesRequest({ stream: true }));
  await wire.until(/content_block_delta/);
  const closed = timeToClose(provider.last);
  wire.socket.resetAndDestroy();
  expect(await closed).toBeLessThan(150); // 100, and up to an event's gap until it is noticed
});

test("a pooled connection that went stale is replaced, and the client does not notice", async () => {
  const reply = (request: ProviderRequest) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_ok")));
  provider.reply = reply;
  for (let n = 0; n < 4; n++) expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  const used = provider.last.connection;
  // The provider closes it just as the next request is on its way.
  provider.reply = (request) => (request.connection <= used ? request.socket.destroy() : reply(request));
  for (let n = 0; n < 4; n++) expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  provider.closeConnections();
  expect((await up.relay.messages(messagesRequest())).status).toBe(200);
});

test("a connection that was used well is used again", async () => {
  const before = provider.connections;
  const wire = await Wire.open(up.relay.port); // one connection: one of the relay's threads
  for (let n = 1; n <= 5; n++) {
    wire.send(post("/v1/messages", messagesRequest(), { "x-api-key": up.relay.admin.key }));
    await wire.until(new RegExp(`(HTTP/1.1 200[^]*){${n}}\\r\\n\\r\\n[^]*\\}$`));
  }
  expect(provider.requests).toHaveLength(5);
  expect(provider.connections - before).toBeLessThanOrEqual(1);
});
