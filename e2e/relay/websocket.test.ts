// The Responses WebSocket: its handshake, its messages as calls of POST, and its end.
import { once } from "node:events";
import { afterEach, beforeAll, expect, test } from "vitest";
import { event } from "../support/answers";
import { Person } from "../support/people";
import { chunk, answer as answerWith, type ProviderRequest, startStream } from "../support/provider";
import { Relay } from "../support/relay";
import { useProvider, useRelay } from "../support/use";
import { Talk } from "../support/websocket";
import { timed } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url, env: { CLIENT_BODY_MAX: "256KB" } }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});
const open: Talk[] = [];
afterEach(() => {
  for (const talk of open.splice(0)) talk.socket.terminate();
});

async function connect(key = up.relay.admin.key, options: any = {}, relay = up.relay, path = "/v1/responses"): Promise<Talk> {
  const talk = await Talk.open(relay.url + path, { headers: { authorization: `Bearer ${key}` }, ...options });
  open.push(talk);
  return talk;
}

// gpt-5.4: 2.5 | 0.25 | 15 USD per million tokens: 30*2.5 + 10*0.25 + 7*15 = 182.5 millionths of a dollar.
const usage = { input_tokens: 40, input_tokens_details: { cached_tokens: 10 }, output_tokens: 7, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 47 };
const costOfUsage = 0.0001825;
const item = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Hello.", annotations: [] }] };
const eventsOf = (id: string, items: object[] = [item]) => [
  { type: "response.created", sequence_number: 0, response: { id, object: "response", status: "in_progress", model: "gpt-5.4", output: [] } },
  { type: "response.output_text.delta", sequence_number: 1, delta: "Hello." },
  ...items.map((each, n) => ({ type: "response.output_item.done", sequence_number: 2 + n, output_index: n, item: each })),
  { type: "response.completed", sequence_number: 2 + items.length, response: { id, object: "response", status: "completed", model: "gpt-5.4", output: items, usage } },
];
let answered = 0;
function respond(request: ProviderRequest, id = `resp_${++answered}`, items?: object[]) {
  startStream(request);
  for (const each of eventsOf(id, items)) request.socket.write(chunk(event(each)));
  request.socket.write("0\r\n\r\n");
}
const typesOf = (messages: any[]) => messages.map((message) => message.type);
const refused = async (opening: Promise<unknown>): Promise<any> => opening.then(() => undefined, (error) => error);

test.each([["authorization"], ["x-api-key"]])("each message is a call upstream, metered once: key in %s", async (name) => {
  const key = await person.key();
  provider.reply = (request) => respond(request, "resp_a");
  const headers = { [name]: name === "authorization" ? `Bearer ${key.key}` : key.key, "openai-beta": "responses_websockets=2026-02-06, other=1", "x-codex-turn-state": "sticky", "session-id": "s-1" };
  const talk = await connect("", { headers });
  talk.create({ metadata: { a: "b" } });
  expect(await talk.response()).toEqual(eventsOf("resp_a"));
  const { last } = provider;
  expect(last.line).toBe("POST /v1/responses HTTP/1.1");
  expect(last.json()).toEqual({ model: "gpt-5.4", store: false, stream: true, metadata: { a: "b" }, input: [{ type: "message", role: "user", content: "hello" }] });
  expect([last.get("openai-beta"), last.get("x-codex-turn-state"), last.get("session-id"), last.get("accept"), last.get("content-type")]).toEqual(["other=1", "sticky", "s-1", "text/event-stream", "application/json"]);
  expect(last.fields.filter(([field]) => /^(sec-websocket|upgrade|connection|x-api-key)/i.test(field))).toEqual([]);
  talk.create();
  await talk.response();
  const { totals } = await person.usage(key.id, 2);
  expect(totals.errors).toBe(0);
  expect(Number(totals.cost)).toBeCloseTo(2 * costOfUsage, 9);
});

test.each([[true], [false]])("fragments, pings and compression (%s)", async (perMessageDeflate) => {
  provider.reply = (request) => respond(request);
  const talk = await connect(undefined, { perMessageDeflate });
  expect(talk.socket.extensions).toBe(perMessageDeflate ? "permessage-deflate" : "");
  talk.socket.ping("there?");
  await once(talk.socket, "pong");
  for (let turn = 0; turn < 3; turn++) {
    const text = JSON.stringify({ type: "response.create", model: "gpt-5.4", input: "Grüße ".repeat(3000) });
    for (let at = 0; at < text.length; at += 5000) talk.socket.send(text.slice(at, at + 5000), { fin: at + 5000 >= text.length });
    expect((await talk.response()).at(-1).type).toBe("response.completed");
    expect(provider.last.json().input).toBe("Grüße ".repeat(3000));
  }
});

test("events come as the provider sends them, and several messages are answered in turn", async () => {
  const talk = await connect();
  let release: (() => void) | undefined;
  provider.reply = async (request) => {
    const events = eventsOf(`resp_${request.json().metadata.n}`).map((each) => chunk(event(each)));
    startStream(request);
    request.socket.write(events[0]!);
    await new Promise<void>((resolve) => (release = resolve));
    for (const each of events.slice(1)) request.socket.write(each);
    request.socket.write("0\r\n\r\n");
  };
  for (const n of ["1", "2"]) talk.create({ metadata: { n } });
  expect((await talk.until(() => true)).type).toBe("response.created");
  expect(provider.requests).toHaveLength(1);
  release!();
  expect((await talk.response()).at(-1).response.id).toBe("resp_1");
  await provider.reached(2);
  release!();
  expect((await talk.response()).at(-1).response.id).toBe("resp_2");
});

test("what a response before said is sent again by the relay; of a prewarm too, which costs nothing", async () => {
  const key = await person.key();
  const call = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  provider.reply = (request) => respond(request, `resp_${provider.requests.length}`, [provider.requests.length === 1 ? call : item]);
  const talk = await connect(key.key);
  talk.create({ generate: false });
  const warm = await talk.response();
  expect(typesOf(warm)).toEqual(["response.created", "response.completed"]);
  expect(provider.requests).toHaveLength(0);
  talk.create({ input: [], previous_response_id: warm[1].response.id });
  await talk.response();
  talk.create({ input: [{ type: "function_call_output", call_id: "c1", output: "42" }], previous_response_id: "resp_1" });
  await talk.response();
  const [first, second] = provider.requests.map((request) => request.json());
  const hello = { type: "message", role: "user", content: "hello" };
  expect(first.input).toEqual([hello]);
  expect(second.input).toEqual([hello, call, { type: "function_call_output", call_id: "c1", output: "42" }]);
  expect("previous_response_id" in second).toBe(false);
  talk.create({ previous_response_id: "resp_elsewhere" });
  expect((await talk.response())[0]).toMatchObject({ type: "error", status: 400, error: { code: "previous_response_not_found", param: "previous_response_id" } });
  talk.create({ store: true });
  const stored = (await talk.response()).at(-1).response.id;
  const later = await connect(key.key);
  later.create({ previous_response_id: stored, store: true });
  await later.response();
  expect(provider.last.json().previous_response_id).toBe(stored);
  // Made past the relay: its provider answers for it.
  later.create({ previous_response_id: "resp_of_nobody", store: true });
  await later.response();
  expect(provider.last.json().previous_response_id).toBe("resp_of_nobody");
  expect((await person.usage(key.id, 5)).totals.errors).toBe(0);
});

test("errors are events in the provider's words, and the connection goes on", async () => {
  const key = await person.key({ rateLimit: { requestsPerMinute: 3 } });
  const talk = await connect(key.key);
  provider.reply = (request) => answerWith(request, 400, { "content-type": "application/json", "x-request-id": "up_1" }, JSON.stringify({ error: { message: "no", type: "invalid_request_error", param: "x", code: "bad_x" } }));
  talk.create();
  expect((await talk.response())[0]).toMatchObject({ type: "error", status: 400, error: { code: "bad_x", param: "x" }, headers: { "x-request-id": "up_1" } });
  talk.say({ type: "response.cancel" });
  expect((await talk.response())[0]).toMatchObject({ type: "error", status: 400, error: { code: "unknown_message_type" } });
  talk.socket.send("{nonsense");
  expect((await talk.response())[0].error.code).toBe("invalid_json");
  talk.create({ model: 7 });
  expect((await talk.response())[0]).toMatchObject({ status: 400, error: { param: "model" } });
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(event(eventsOf("resp_cut")[0]!)));
    request.socket.end();
  };
  talk.create();
  expect(typesOf(await talk.response())).toEqual(["response.created", "error"]);
  provider.reply = (request) => respond(request);
  talk.create();
  expect((await talk.response()).at(-1).type).toBe("response.completed");
  talk.create();
  expect((await talk.response())[0]).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" }, headers: { "x-ratelimit-limit-requests": "3" } });
});

test("a handshake is refused as POST would be", async () => {
  expect(await refused(connect("cr_nonsense"))).toMatchObject({ status: 401 });
  const narrow = await person.key({ ipWhitelist: ["203.0.113.9"] });
  expect(await refused(connect(narrow.key))).toMatchObject({ status: 403 });
  expect(await refused(connect(undefined, { protocolVersion: 8 }))).toMatchObject({ status: 426, headers: { "sec-websocket-version": "13" } });
  expect((await up.relay.get("/v1/responses", { authorization: `Bearer ${up.relay.admin.key}` })).status).toBe(426);
  for (const path of ["/responses", "/openai/v1/responses", "/openai/responses", "/client/v1/responses"]) (await connect(undefined, {}, up.relay, path)).close();
});

test("a revoked key ends on its next message", async () => {
  const key = await person.key();
  provider.reply = (request) => respond(request);
  const talk = await connect(key.key);
  talk.create();
  await talk.response();
  await person.delete(`/keys/${key.id}`);
  talk.create();
  expect((await talk.response())[0]).toMatchObject({ type: "error", status: 401 });
  expect((await talk.ended()).code).toBe(1008);
  expect(provider.requests).toHaveLength(1);
});

test("binary messages, large ones and bombs, text that is none, and too many at once close it", async () => {
  const close = async (misbehave: (talk: Talk) => void) => {
    const talk = await connect();
    misbehave(talk);
    return (await talk.ended()).code;
  };
  expect(await close((talk) => talk.socket.send(Buffer.from("x"), { binary: true }))).toBe(1003);
  expect(await close((talk) => talk.socket.send("x".repeat(300 * 1024), { compress: false }))).toBe(1009);
  expect(await close((talk) => talk.socket.send("x".repeat(2_000_000), { compress: true }))).toBe(1009);
  expect(await close((talk) => talk.socket.send(Buffer.from([0xff, 0xfe]), { binary: false, compress: false }))).toBe(1007);
  provider.reply = () => undefined;
  expect(await close((talk) => [...Array(20)].forEach(() => talk.create()))).toBe(1008);
});

test("a client that leaves ends the call upstream within 100 ms, and it is recorded once", timed, async () => {
  for (const leave of [(talk: Talk) => talk.socket.terminate(), (talk: Talk) => talk.close()]) {
    provider.clear();
    const key = await person.key();
    const talk = await connect(key.key);
    provider.reply = (request) => {
      startStream(request);
      request.socket.write(chunk(event(eventsOf("resp_left")[0]!)));
    };
    talk.create();
    await talk.until((message) => message.type === "response.created");
    const left = performance.now();
    leave(talk);
    await once(provider.last.socket, "close");
    expect(performance.now() - left).toBeLessThan(100);
    expect((await person.usage(key.id, 1)).totals.tokens.input).toBeGreaterThan(0);
  }
});

test("a slow client slows the provider down", async () => {
  let sent = 0;
  provider.reply = (request) => {
    startStream(request);
    const delta = chunk(event({ type: "response.output_text.delta", delta: "x".repeat(60_000) } as any));
    const more = () => {
      while (sent < 64e6 && request.socket.write(delta)) sent += delta.length;
    };
    request.socket.on("drain", more);
    more();
  };
  const talk = await connect(undefined, { perMessageDeflate: false });
  talk.socket.pause();
  talk.create();
  await provider.reached(1);
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(32e6);
  talk.socket.terminate();
});

test("a restart lets the running response end and says 1001; off, it is 426 at once", async () => {
  const relay = await Relay.start({ upstream: provider.url });
  const idle = await connect(relay.admin.key, {}, relay);
  const busy = await connect(relay.admin.key, {}, relay);
  let finish = () => undefined as void;
  provider.reply = (request) => {
    finish = () => respond(request, "resp_last");
  };
  busy.create();
  await provider.reached(1);
  const stopped = relay.stop();
  expect((await idle.ended()).code).toBe(1001);
  expect(busy.closed).toBeUndefined();
  finish();
  expect((await busy.response()).at(-1).type).toBe("response.completed");
  expect((await busy.ended()).code).toBe(1001);
  await stopped;

  const off = await Relay.start({ upstream: provider.url, env: { RESPONSES_WEBSOCKET: "off" } });
  expect(await refused(connect(off.admin.key, {}, off))).toMatchObject({ status: 426 });
  await off.stop();
});
