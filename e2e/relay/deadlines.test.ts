// Every wait has an end: slow senders, silent providers, too many calls.
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, chunk, startStream } from "../support/provider";
import { Relay } from "../support/relay";
import { messageEvents, messagesRequest } from "../support/answers";
import { post, statusOf, Wire } from "../support/wire";
import { timed } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({
  upstream: provider.url,
  env: {
    CLIENT_HEAD_TIMEOUT: "500ms",
    CLIENT_BODY_TIMEOUT: "700ms",
    UPSTREAM_FIRST_BYTE_TIMEOUT: "600ms",
    UPSTREAM_IDLE_TIMEOUT: "600ms",
    IN_FLIGHT_MAX: "3",
  },
}));
const key = () => ({ "x-api-key": up.relay.admin.key });

/** One byte every 50 ms until the other side has had enough; how long that took. */
async function drip(wire: Wire, text: string): Promise<number> {
  const from = performance.now();
  for (const letter of text) {
    if (wire.endedAt !== undefined) break;
    wire.send(letter);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - from;
}

test("a head that drips in is closed at its deadline, and others are served meanwhile", timed, async () => {
  const slow = await Promise.all(Array.from({ length: 50 }, () => Wire.open(up.relay.port)));
  const times = Promise.all(slow.map((wire) => drip(wire, "POST /v1/messages HTTP/1.1\r\nHost: " + "a".repeat(40))));
  expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  for (const time of await times) expect(time).toBeLessThan(1_500);
  for (const wire of slow) expect([0, 408]).toContain(statusOf(await wire.closed()));
});

test("a body that drips in is closed at its deadline", timed, async () => {
  const wire = await Wire.open(up.relay.port);
  const whole = post("/v1/messages", messagesRequest(), key());
  const at = whole.indexOf("\r\n\r\n") + 4;
  wire.send(whole.slice(0, at));
  expect(await drip(wire, whole.slice(at))).toBeLessThan(2_000);
  expect([0, 408]).toContain(statusOf(await wire.closed()));
  expect(provider.requests).toHaveLength(0);
});

test("a connection without a request is closed, a used one after its own time", timed, async () => {
  const relay = await Relay.start({ env: { CLIENT_HEAD_TIMEOUT: "400ms", CLIENT_IDLE_TIMEOUT: "900ms" } });
  const [unused, used] = [await Wire.open(relay.port), await Wire.open(relay.port)];
  used.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  await used.until(/200 OK/);
  const from = performance.now();
  expect(await unused.closed(2_000)).toBe("");
  expect(performance.now() - from).toBeLessThan(800);
  await used.closed(3_000);
  expect(performance.now() - from).toBeGreaterThan(700);
  await relay.stop();
});

test("a provider that says nothing is a 504 in the dialect's shape", async () => {
  provider.reply = () => undefined;
  const refused = await up.relay.messages(messagesRequest());
  expect(refused.status).toBe(504);
  expect(refused.body.error.type).toBe("timeout_error");
});

test("a stream that falls silent is cut", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(messageEvents("msg_silent").slice(0, 4).join("")));
  };
  const wire = await Wire.open(up.relay.port);
  wire.send(post("/v1/messages", messagesRequest({ stream: true }), key()));
  const got = await wire.closed(3_000);
  expect(got).toContain("event: error");
  expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("a stream that pings lives on past the silence limit", async () => {
  provider.reply = async (request) => {
    const events = messageEvents("msg_slow");
    startStream(request);
    for (const event of events) {
      request.socket.write(chunk(event));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    request.socket.write("0\r\n\r\n");
  };
  expect((await up.relay.messages(messagesRequest({ stream: true }))).text).toBe(messageEvents("msg_slow").join(""));
});

test("past the bound of calls at one time new ones are 529 at once, and running ones go on", async () => {
  const held: (() => void)[] = [];
  provider.reply = (request) => held.push(() => answer(request, 200, { "content-type": "application/json" }, "{}"));
  const running = Array.from({ length: 3 }, () => up.relay.messages(messagesRequest()));
  await provider.reached(3);
  const refused = await up.relay.messages(messagesRequest());
  expect(refused.status).toBe(529);
  expect(refused.body.error.type).toBe("overloaded_error");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  for (const end of held) end();
  expect((await Promise.all(running)).map((passed) => passed.status)).toEqual([200, 200, 200]);
});

test("a provider that nobody can reach is a 502 that may be tried again", async () => {
  const relay = await Relay.start(); // nobody listens at its upstream
  const refused = await relay.messages(messagesRequest());
  expect(refused.status).toBe(502);
  expect(refused.headers.get("x-should-retry")).not.toBe("false");
  await relay.stop();
});
