// What is used is in the key's usage within two seconds, with the provider's own figures and the table's price.
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, chunk, head, startStream, type ProviderRequest } from "../support/provider";
import { Person } from "../support/people";
import { costOfUsage, message, messageEvents, messagesRequest, usage } from "../support/answers";
import { post, Wire } from "../support/wire";
import { timed } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});

const json = { "content-type": "application/json" };
const jsonMessage = (request: ProviderRequest) => answer(request, 200, json, JSON.stringify(message("msg_json")));
function streamMessage(request: ProviderRequest, size = 1 << 20) {
  const bytes = Buffer.from(messageEvents("msg_stream").join(""));
  startStream(request);
  for (let at = 0; at < bytes.length; at += size) request.socket.write(chunk(bytes.subarray(at, at + size)));
  request.socket.write("0\r\n\r\n");
}
const call = (key: any, more: object = {}, path = "/v1/messages") => up.relay.post(path, messagesRequest(more), { "x-api-key": key.key });
const sameCost = (text: string) => Number(text).toFixed(9);

const expectedTotals = {
  requests: 1,
  errors: 0,
};

function expectUsageOfMessage(totals: any) {
  expect(totals).toMatchObject(expectedTotals);
  expect(totals.tokens).toMatchObject({
    input: usage.input_tokens,
    cacheWrite5m: 100,
    cacheWrite1h: 200,
    cacheRead: usage.cache_read_input_tokens,
    output: usage.output_tokens,
  });
  expect(sameCost(totals.cost)).toBe(sameCost(costOfUsage));
}

test("a plain answer is metered with tokens by kind and its cost", async () => {
  const key = await person.key();
  provider.reply = jsonMessage;
  await call(key);
  expectUsageOfMessage((await person.usage(key.id, 1)).totals);
});

test.each([1, 7, 100, 1 << 20])("a stream in pieces of %i bytes counts as the plain answer does", async (size) => {
  const key = await person.key();
  provider.reply = (request) => streamMessage(request, size);
  await call(key, { stream: true });
  expectUsageOfMessage((await person.usage(key.id, 1)).totals);
});

test("gzip answers are metered, and pass as they are", timed, async () => {
  const key = await person.key();
  const packed = gzipSync(JSON.stringify(message("msg_gzip")));
  provider.reply = (request) => answer(request, 200, { ...json, "content-encoding": "gzip" }, packed);
  const wire = await Wire.open(up.relay.port);
  wire.send(post("/v1/messages", messagesRequest(), { "x-api-key": key.key, "accept-encoding": "gzip, br" }));
  await wire.until(new RegExp(`content-length: ${packed.length}`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(wire.bytes.subarray(wire.bytes.indexOf("\r\n\r\n") + 4).equals(packed)).toBe(true);
  expect(provider.last.get("accept-encoding")).toBe("gzip, br");
  expectUsageOfMessage((await person.usage(key.id, 1)).totals);
});

test("gzip streams are metered", async () => {
  const key = await person.key();
  provider.reply = (request) => {
    const packed = gzipSync(messageEvents("msg_gzip_stream").join(""));
    startStream(request, { "content-encoding": "gzip" });
    for (let at = 0; at < packed.length; at += 50) request.socket.write(chunk(packed.subarray(at, at + 50)));
    request.socket.write("0\r\n\r\n");
  };
  const passed = await call(key, { stream: true });
  expect(passed.text).toBe(messageEvents("msg_gzip_stream").join(""));
  expectUsageOfMessage((await person.usage(key.id, 1)).totals);
});

test("an answer that ends with its connection is metered", async () => {
  const key = await person.key();
  provider.reply = (request) => request.socket.end(head(200, json) + JSON.stringify(message("msg_close")));
  expect((await call(key)).body.id).toBe("msg_close");
  expectUsageOfMessage((await person.usage(key.id, 1)).totals);
});

test("count_tokens is counted, not billed", async () => {
  const key = await person.key();
  provider.reply = (request) => answer(request, 200, json, '{"input_tokens":12345}');
  const counted = await call(key, {}, "/v1/messages/count_tokens?beta=true");
  expect(counted.body).toEqual({ input_tokens: 12345 });
  provider.reply = jsonMessage;
  await call(key);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { totals } = await person.usage(key.id, (await person.get(`/keys/${key.id}/usage`)).body.data.totals.requests);
  expect(totals.tokens.input).toBe(usage.input_tokens);
  expect(sameCost(totals.cost)).toBe(sameCost(costOfUsage));
});

test("an error of the provider counts as an error and costs nothing", async () => {
  const key = await person.key();
  provider.reply = (request) => answer(request, 529, json, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
  await call(key);
  const { totals } = await person.usage(key.id, 1);
  expect(totals.errors).toBe(1);
  expect(Number(totals.cost)).toBe(0);
});

test("a stream that the client leaves is billed for what was reported, with the output estimated", async () => {
  const key = await person.key();
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(messageEvents("msg_left").slice(0, 5).join("")));
  };
  const wire = await Wire.open(up.relay.port);
  wire.send(post("/v1/messages", messagesRequest({ stream: true }), { "x-api-key": key.key }));
  await wire.until(/there\./);
  wire.close();
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens.input).toBe(usage.input_tokens);
  expect(totals.tokens.output).toBeGreaterThan(0);
  expect(totals.tokens.output).toBeLessThan(50);
  expect(Number(totals.cost)).toBeGreaterThan(0);
});

test("a stream that is cut is billed for what was reported", async () => {
  const key = await person.key();
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(messageEvents("msg_cut").slice(0, 5).join("")), () => request.socket.destroy());
  };
  await call(key, { stream: true }).catch(() => undefined);
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens.input).toBe(usage.input_tokens);
  expect(totals.tokens.output).toBeGreaterThan(0);
});

test("a call that no provider got is not in the usage", async () => {
  const key = await person.key({ models: ["claude-haiku-*"] });
  await call(key);
  provider.reply = jsonMessage;
  await call(key, { model: "claude-haiku-4-5" });
  expect((await person.usage(key.id, 1)).totals.requests).toBe(1);
});

const openAiUsage = {
  prompt_tokens: 1000,
  completion_tokens: 500,
  total_tokens: 1500,
  prompt_tokens_details: { cached_tokens: 400 },
  completion_tokens_details: { reasoning_tokens: 100 },
};
// gpt-5.4: 2.5 | 0.25 | 15 per million: 600*2.5 + 400*0.25 + 500*15 = 9100 millionths.
const costOfOpenAi = "0.0091";

test("chat: cached tokens are inside the prompt's; stream and plain cost the same", async () => {
  const key = await person.key();
  const chatCall = (stream: boolean) => up.relay.post("/v1/chat/completions", { model: "gpt-5.4", stream, messages: [], ...(stream && { stream_options: { include_usage: true } }) }, { authorization: `Bearer ${key.key}` });
  const base = { id: "chatcmpl_1", model: "gpt-5.4", created: 1 };
  provider.reply = (request) => answer(request, 200, json, JSON.stringify({ ...base, object: "chat.completion", choices: [], usage: openAiUsage }));
  await chatCall(false);
  const plain = (await person.usage(key.id, 1)).totals;
  expect(sameCost(plain.cost)).toBe(sameCost(costOfOpenAi));
  provider.reply = (request) => {
    const data = (event: object) => `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...event })}\n\n`;
    startStream(request);
    request.socket.write(chunk(data({ choices: [{ index: 0, delta: { content: "Hi" } }], usage: null }) + data({ choices: [], usage: openAiUsage }) + "data: [DONE]\n\n"));
    request.socket.write("0\r\n\r\n");
  };
  await chatCall(true);
  const both = (await person.usage(key.id, 2)).totals;
  expect(both.tokens.output).toBe(2 * plain.tokens.output);
  expect(sameCost(both.cost)).toBe((2 * Number(costOfOpenAi)).toFixed(9));
});

test("sound is told apart and has its own price; a model without a price is said to be unpriced", async () => {
  const key = await person.key();
  const chatCall = (model: string) => up.relay.post("/v1/chat/completions", { model, messages: [] }, { authorization: `Bearer ${key.key}` });
  const details = { prompt_tokens_details: { audio_tokens: 7 }, completion_tokens_details: { audio_tokens: 10, rejected_prediction_tokens: 5 } };
  provider.reply = (request) => answer(request, 200, json, JSON.stringify({ id: "chatcmpl_3", model: request.json().model, choices: [], usage: { prompt_tokens: 100, completion_tokens: 100, ...details } }));
  expect((await chatCall("gpt-audio")).status).toBe(200);
  const sound = (await person.usage(key.id, 1)).totals;
  expect(sound.tokens).toMatchObject({ input: 93, output: 90, audioInput: 7, audioOutput: 10, rejectedPrediction: 5, total: 200 });
  // gpt-audio: 2.5 | 10, sound 32 | 64 per million: 93*2.5 + 7*32 + 90*10 + 10*64 = 1996.5 millionths.
  expect(sameCost(sound.cost)).toBe(sameCost("0.0019965"));
  expect(sound.charge).toBe(sound.cost);
  expect((await chatCall("gpt-unheard-of")).status).toBe(200);
  const both = (await person.usage(key.id, 2)).totals;
  expect(both).toMatchObject({ requests: 2, unpricedRequests: 1, cachedRequests: 0, cost: sound.cost });
});

test("a chat stream whose usage nobody asked for is not free", async () => {
  const key = await person.key();
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk('data: {"id":"chatcmpl_2","model":"gpt-5.4","choices":[{"index":0,"delta":{"content":"some words of an answer"}}]}\n\ndata: [DONE]\n\n'));
    request.socket.write("0\r\n\r\n");
  };
  await up.relay.post("/v1/chat/completions", { model: "gpt-5.4", stream: true, messages: [] }, { authorization: `Bearer ${key.key}` });
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens.output).toBeGreaterThan(0);
  expect(Number(totals.cost)).toBeGreaterThan(0);
});

test("responses: usage comes with response.completed", async () => {
  const key = await person.key();
  const response = { id: "resp_1", object: "response", model: "gpt-5.4", status: "completed", usage: { input_tokens: 1000, input_tokens_details: { cached_tokens: 400 }, output_tokens: 500, output_tokens_details: { reasoning_tokens: 100 }, total_tokens: 1500 } };
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk(`event: response.completed\ndata: ${JSON.stringify({ type: "response.completed", sequence_number: 1, response })}\n\n`));
    request.socket.write("0\r\n\r\n");
  };
  await up.relay.post("/v1/responses", { model: "gpt-5.4", input: "hi", stream: true }, { authorization: `Bearer ${key.key}` });
  const { totals } = await person.usage(key.id, 1);
  expect(sameCost(totals.cost)).toBe(sameCost(costOfOpenAi));
});

test("usage is grouped by model and day, and the first form's fields stand beside", async () => {
  const key = await person.key();
  provider.reply = jsonMessage;
  await call(key);
  const data = await person.usage(key.id, 1, "?granularity=day&groupBy=model");
  expect(JSON.stringify(data.series)).toContain("claude-sonnet-5-5");
  const old = await person.usage(key.id, 1, "?days=7");
  expect(old.keyId).toBe(key.id);
  expect(old.total).toMatchObject({ requests: 1, tokens: expect.any(Number) });
  expect(old.daily.at(-1) ?? old.daily[0]).toMatchObject({ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), requests: expect.any(Number) });
  expect(old.limits).toHaveProperty("rpm");
});
