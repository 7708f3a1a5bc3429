// The response cache: the same call of the same person is asked of the provider once, and costs once.
import Anthropic from "anthropic-sdk-1";
import OpenAI from "openai";
import { beforeAll, expect, test } from "vitest";
import { Person } from "../support/people";
import { until } from "../support/until";
import { useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const it = useRelay(() => ({ upstream: up.simulate.url }));
const off = useRelay(() => ({ upstream: up.simulate.url, env: { RESPONSE_CACHE_MAX: "0" } }));

const on = { "x-relay-cache": "on" };
const words = (text: string) => [{ role: "user", content: text }];
const message = (text: string, model = "claude-sonnet-5") => ({ model, max_tokens: 200, messages: words(text) });

let person: Person;
beforeAll(async () => {
  person = await Person.admin(it.relay);
});
const askedUpstream = async () => (await up.simulate.stats()).answered as number;
const call = (path: string, key: any, body: object, headers: Record<string, string> = {}) => it.relay.post(path, body, { "x-api-key": key.key, ...headers });
const word = (answer: { headers: Headers }) => answer.headers.get("x-relay-cache");

const dialects = [
  { name: "Messages", path: "/v1/messages", body: message("hello over there") },
  { name: "Chat", path: "/v1/chat/completions", body: { model: "gpt-6-sol", messages: words("hello over there") } },
  { name: "Completions", path: "/v1/completions", body: { model: "gpt-6-sol", prompt: "hello over there" } },
  { name: "Responses", path: "/v1/responses", body: { model: "gpt-6-sol", input: "hello over there", store: false } },
  { name: "Chat, translated", path: "/v1/chat/completions", body: { model: "claude-sonnet-5", messages: words("hello over there") } },
  { name: "Messages, translated", path: "/v1/messages", body: message("hello over there", "gpt-6-sol") },
];

const cases = dialects.flatMap(({ name, path, body }) => [
  { name, path, body },
  { name: `${name}, streamed`, path, body: { ...body, stream: true } },
]);
const madeOnce: [string, any, any][] = [];

test.each(cases)("$name: the answer of before", async ({ name, path, body }) => {
  const [key, plain] = [await person.key({ responseCache: { enabled: true } }), await person.key()];
  const asked = await askedUpstream();
  const first = await call(path, key, body);
  expect(first.status, first.text).toBe(200);
  expect(word(first)).toBe("miss");
  const again = await call(path, key, Object.fromEntries(Object.entries(body).reverse()));
  expect(word(again)).toBe("hit");
  expect(Number(again.headers.get("age"))).toBeLessThan(10);
  expect(again.text).toBe(first.text);
  expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
  expect(again.headers.get("x-relay-request-id")).not.toBe(first.headers.get("x-relay-request-id"));
  expect(await askedUpstream()).toBe(asked + 1);
  expect(word(await call(path, plain, body))).toBeNull();
  madeOnce.push([name, key, plain]);
});

test("each of them is recorded, and costs nothing", async () => {
  expect(madeOnce).toHaveLength(cases.length);
  for (const [name, key, plain] of madeOnce) {
    const [{ totals }, { totals: once }] = [await person.usage(key.id, 2), await person.usage(plain.id, 1)];
    expect(Number(once.cost), name).toBeGreaterThan(0);
    expect(totals, name).toMatchObject({ requests: 2, cachedRequests: 1, errors: 0, cost: once.cost, tokens: once.tokens });
  }
});

test("real SDKs read a kept stream, and a kept answer, as they read the provider's", async () => {
  const key = await person.key({ responseCache: { enabled: true, ttlSeconds: 60 } });
  const anthropic = new Anthropic({ baseURL: it.relay.url, apiKey: key.key });
  const openai = new OpenAI({ baseURL: `${it.relay.url}/v1`, apiKey: key.key });
  const asked = await askedUpstream();
  const texts: string[] = [];
  for (let i = 0; i < 2; ++i) {
    texts.push(await anthropic.messages.stream(message("said by an SDK") as any).finalText());
    const { data, response } = await openai.responses.create({ model: "gpt-6-sol", input: "said by an SDK" }).withResponse();
    texts.push(data.output_text + word(response));
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ model: "gpt-6-sol", messages: words("said by an SDK") as any, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
    texts.push(text);
  }
  expect(texts[0]).toContain("said by an SDK");
  expect(texts.slice(3)).toEqual([texts[0], texts[1]!.replace("miss", "hit"), texts[2]]);
  expect(await askedUpstream()).toBe(asked + 3);
});

test("a call asks for it, declines it and renews it by a header that no provider sees", async () => {
  const key = await person.key();
  const body = message("by header");
  expect(word(await call("/v1/messages", key, body))).toBeNull();
  expect(word(await call("/v1/messages", key, body, on))).toBe("miss");
  expect((await up.simulate.last()).head.toLowerCase()).not.toContain("x-relay-cache");
  const kept = await call("/v1/messages", key, body, on);
  expect(word(kept)).toBe("hit");
  const fresh = await call("/v1/messages", key, body, { "x-relay-cache": "refresh" });
  expect(word(fresh)).toBe("refresh");
  expect(fresh.body.id).not.toBe(kept.body.id);
  expect((await call("/v1/messages", key, body, on)).body.id).toBe(fresh.body.id);
  await person.put(`/keys/${key.id}`, { responseCache: { enabled: true } });
  expect(word(await call("/v1/messages", key, body))).toBe("hit");
  expect(word(await call("/v1/messages", key, body, { "x-relay-cache": "off" }))).toBeNull();
  const wrong = await call("/v1/messages", key, body, { "x-relay-cache": "maybe" });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain("x-relay-cache must be on, off or refresh");
});

test("an answer is kept for so long and no longer", async () => {
  const key = await person.key();
  const ask = () => call("/v1/messages", key, message("for a second"), { ...on, "x-relay-cache-ttl": "1" });
  expect(word(await ask())).toBe("miss");
  expect(word(await ask())).toBe("hit");
  await until("it is asked for anew", async () => word(await ask()) === "miss");
});

test("nobody else gets it, nor a key that may not ask any more", async () => {
  const other = await Person.register(it.relay);
  const theirs = await other.key({ responseCache: { enabled: true } });
  const [mine, revoked, changed] = [await person.key(), await person.key(), await person.key()];
  const body = message("for one person");
  expect(word(await call("/v1/messages", mine, body, on))).toBe("miss");
  for (const key of [mine, revoked, changed]) expect(word(await call("/v1/messages", key, body, on))).toBe("hit");
  expect(word(await call("/v1/messages", theirs, body))).toBe("miss");
  await person.delete(`/keys/${revoked.id}`);
  await person.put(`/keys/${changed.id}`, { models: ["claude-opus-*"] });
  expect((await call("/v1/messages", revoked, body, on)).status).toBe(401);
  expect((await call("/v1/messages", changed, body, on)).status).toBe(403);
});

test("what did not end well is not kept", async () => {
  const key = await person.key({ responseCache: { enabled: true } });
  for (const [shape, more] of [["status=529", {}], ["error-event=3", { stream: true }], ["cut=3", { stream: true }], ["no-usage", {}]] as const) {
    const body = { ...message(`not well: ${shape}`, `claude-sonnet-5--${shape}`), ...more };
    for (let i = 0; i < 2; ++i) expect(word((await call("/v1/messages", key, body).catch(() => undefined)) ?? { headers: new Headers({ "x-relay-cache": "miss" }) }), shape).toBe("miss");
  }
});

test("a client that leaves in the middle leaves nothing behind", async () => {
  const key = await person.key({ responseCache: { enabled: true } });
  const body = JSON.stringify({ ...message("leaving", "claude-sonnet-5--events=40,gap=20"), stream: true });
  const leave = new AbortController();
  const headers = { "x-api-key": key.key, "content-type": "application/json" };
  const answer = await fetch(`${it.relay.url}/v1/messages`, { method: "POST", body, headers, signal: leave.signal });
  expect(word(answer)).toBe("miss");
  await answer.body!.getReader().read();
  leave.abort();
  await person.usage(key.id, 1);
  const whole = await it.relay.post("/v1/messages", body, headers);
  expect(word(whole)).toBe("miss");
  const again = await it.relay.post("/v1/messages", body, headers);
  expect(word(again)).toBe("hit");
  expect(again.text).toBe(whole.text);
});

test("a compressed answer goes to those who can read it", async () => {
  const key = await person.key({ responseCache: { enabled: true } });
  const body = message("packed", "claude-sonnet-5--gzip");
  const ask = (coding: string) => call("/v1/messages", key, body, { "accept-encoding": coding });
  const first = await ask("gzip");
  expect(first.headers.get("content-encoding")).toBe("gzip");
  const again = await ask("gzip");
  expect([word(again), again.headers.get("content-encoding"), again.text]).toEqual(["hit", "gzip", first.text]);
  expect(word(await ask("identity"))).toBe("miss");
});

test("a relay without a cache passes over the header", async () => {
  const headers = { ...on, "x-api-key": off.relay.admin.key };
  for (let i = 0; i < 2; ++i) expect(word(await off.relay.post("/v1/messages", message("no cache"), headers))).toBeNull();
  expect((await up.simulate.last()).head.toLowerCase()).not.toContain("x-relay-cache");
});
