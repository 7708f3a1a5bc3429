// Compressed requests pass as they came and are looked into; streams are metered whether or not the client asked.
import { beforeAll, expect, test } from "vitest";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import OpenAI from "openai";
import { message, messagesRequest } from "../support/answers";
import { Person } from "../support/people";
import { answer, chunk, startStream } from "../support/provider";
import { useProvider, useRelay } from "../support/use";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});

const json = { "content-type": "application/json" };
// {"model":"claude-sonnet-5","max_tokens":16,"messages":[{"role":"user","content":"hello over there"}]}, by zstd -3
const zstd = Buffer.from("KLUv/SBltQIAUoYUGYA5bfSLLcpJ4ZfoqVFATBDQj8EUSCsTdQELYfHzyJo8Ag2aHXF573to+Divics3TCuDst6AVJ98BICy3g+4hQRKPg4U+zvU4keCzHDZfmCyEgA=", "base64");
const send = (path: string, body: Buffer, headers: Record<string, string>) =>
  fetch(up.relay.url + path, { method: "POST", body: new Uint8Array(body), headers: { ...json, authorization: `Bearer ${up.relay.admin.key}`, ...headers } });

const plain = JSON.stringify(messagesRequest());
test.each<[string, Buffer]>([
  ["zstd", zstd],
  ["gzip", gzipSync(plain)],
  ["deflate", deflateSync(plain)],
  ["br", brotliCompressSync(plain)],
])("a %s request reaches the provider byte for byte", async (coding, body) => {
  provider.reply = (request) => answer(request, 200, json, JSON.stringify(message("msg_coded")));
  expect((await send("/v1/messages", body, { "content-encoding": coding })).status).toBe(200);
  expect(provider.last.get("content-encoding")).toBe(coding);
  expect(provider.last.body.equals(body)).toBe(true);
});

test("a compressed request is held to the key's models", async () => {
  const key = await person.key({ models: ["claude-haiku*"] });
  expect((await send("/v1/messages", zstd, { "content-encoding": "zstd", authorization: `Bearer ${key.key}` })).status).toBe(403);
  expect(provider.requests).toHaveLength(0);
});

test("an unknown coding is 415, several are 415, damage is 400, a bomb is 413", async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, "0"));
  expect(bomb.length).toBeLessThan(300_000);
  for (const [status, body, coding] of [
    [415, Buffer.from(plain), "compress"],
    [415, gzipSync(gzipSync(plain)), "gzip, gzip"],
    [400, Buffer.from(plain), "gzip"],
    [400, Buffer.concat([gzipSync(plain), gzipSync(plain)]), "gzip"],
    [413, bomb, "gzip"],
  ] as const) {
    const got = await send("/v1/messages", body as Buffer, { "content-encoding": coding });
    expect([coding, got.status, (await got.json() as any).type]).toEqual([coding, status, "error"]);
  }
  expect(provider.requests).toHaveLength(0);
});

const usage = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 };
const data = (more: object) => `data: ${JSON.stringify({ id: "chatcmpl_1", object: "chat.completion.chunk", created: 1, model: "gpt-5.4", ...more })}\n\n`;
function streamChat() {
  provider.reply = (request) => {
    const asked = request.json().stream_options?.include_usage === true;
    startStream(request);
    for (const text of ["Hel", "lo"]) request.socket.write(chunk(data({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }], ...(asked && { usage: null }) })));
    if (asked) request.socket.write(chunk(data({ choices: [], usage })));
    request.socket.write(Buffer.concat([chunk("data: [DONE]\n\n"), Buffer.from("0\r\n\r\n")]));
  };
}

test("the SDK's stream: the same chunks whether or not the relay asked, and the usage to the token", async () => {
  streamChat();
  const key = await person.key();
  const client = new OpenAI({ apiKey: key.key, baseURL: `${up.relay.url}/v1` });
  const chunks = [];
  for await (const part of await client.chat.completions.create({ model: "gpt-5.4", stream: true, messages: [{ role: "user", content: "hi" }] })) chunks.push(part);
  expect(chunks.map((part) => part.choices[0]?.delta.content)).toEqual(["Hel", "lo"]);
  const { totals } = await person.usage(key.id, 1);
  expect([totals.tokens.input, totals.tokens.output]).toEqual([1000, 500]);

  const withUsage = [];
  for await (const part of await client.chat.completions.create({ model: "gpt-5.4", stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "hi" }] })) withUsage.push(part);
  expect(withUsage.at(-1)!.usage!.completion_tokens).toBe(500);
});

test("all else of the request stays byte for byte", async () => {
  streamChat();
  const body = '{\n  "model" : "gpt-5.4", "stream":true, "x": [1e5, "\\u00e4"], "messages":[] }';
  await (await send("/v1/chat/completions", Buffer.from(body), {})).text();
  expect(provider.last.body.toString()).toBe(`{"stream_options":{"include_usage":true},${body.slice(1)}`);
});
