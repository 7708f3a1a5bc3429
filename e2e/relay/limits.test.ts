// Requests a minute and calls at one time: 429 with Retry-After and the provider's own header names.
import { beforeAll, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, type ProviderRequest } from "../support/provider";
import { Person } from "../support/people";
import { message, messagesRequest } from "../support/answers";
import { until } from "../support/until";
import { post, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});
const call = (key: any) => up.relay.post("/v1/messages", messagesRequest(), { "x-api-key": key.key });

test("requests past the minute's limit are 429 and say when to come back", async () => {
  const key = await person.key({ rateLimit: { requestsPerMinute: 3 } });
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await call(key)).status);
  expect(statuses).toEqual([200, 200, 200]);
  provider.clear();
  const refused = await call(key);
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect(refused.headers.get("anthropic-ratelimit-requests-limit")).toBe("3");
  expect(refused.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
  expect(Date.parse(refused.headers.get("anthropic-ratelimit-requests-reset")!)).toBeGreaterThan(Date.now());
  expect(refused.headers.get("x-should-retry")).not.toBe("false"); // waiting helps
  expect(provider.requests).toHaveLength(0);
});

test("OpenAI routes name the limit in OpenAI's words", async () => {
  const key = await person.key({ rateLimit: { rpm: 1 } });
  const chat = () => up.relay.post("/v1/chat/completions", { model: "gpt-5.4", messages: [] }, { authorization: `Bearer ${key.key}` });
  expect((await chat()).status).toBe(200);
  const refused = await chat();
  expect(refused.status).toBe(429);
  expect(refused.body.error.code).toBe("rate_limit_exceeded");
  expect(refused.headers.get("x-ratelimit-limit-requests")).toBe("1");
  expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(refused.headers.get("x-ratelimit-reset-requests")).toMatch(/^\d/);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a client that waits as long as Retry-After says gets through", async () => {
  const key = await person.key({ rateLimit: { requestsPerMinute: 60 } });
  let refused = await call(key);
  for (let n = 0; n < 70 && refused.status === 200; n++) refused = await call(key);
  expect(refused.status).toBe(429);
  await new Promise((resolve) => setTimeout(resolve, Number(refused.headers.get("retry-after")) * 1000));
  expect((await call(key)).status).toBe(200);
});

test("one key's limit is not another's", async () => {
  const [one, other] = [await person.key({ rateLimit: { rpm: 1 } }), await person.key({ rateLimit: { rpm: 1 } })];
  expect([(await call(one)).status, (await call(one)).status, (await call(other)).status]).toEqual([200, 429, 200]);
});

test("of forty calls at once with room for one, one passes", async () => {
  const key = await person.key({ rateLimit: { rpm: 1 } });
  const statuses = (await Promise.all(Array.from({ length: 40 }, () => call(key)))).map((passed) => passed.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(provider.requests).toHaveLength(1);
});

async function heldCall(key: any): Promise<Wire> {
  const before = provider.requests.length;
  const wire = await Wire.open(up.relay.port);
  wire.send(post("/v1/messages", messagesRequest(), { "x-api-key": key.key }));
  await provider.reached(before + 1);
  return wire;
}

test("calls past the concurrency limit are 429, and a place is free when a call ends", async () => {
  const key = await person.key({ rateLimit: { concurrency: 2 } });
  const held: ProviderRequest[] = [];
  provider.reply = (request) => held.push(request);
  const running = [await heldCall(key), await heldCall(key)];
  const refused = await call(key);
  expect(refused.status).toBe(429);
  expect(refused.body.error.type).toBe("rate_limit_error");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);

  for (const request of held) answer(request, 200, { "content-type": "application/json" }, "{}");
  for (const wire of running) await wire.until(/\{\}$/);
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, "{}");
  expect((await call(key)).status).toBe(200);
});

test("count_tokens is outside the concurrency limit", async () => {
  const key = await person.key({ rateLimit: { concurrency: 1 } });
  provider.reply = (request) => request.line.includes("count_tokens") && answer(request, 200, { "content-type": "application/json" }, '{"input_tokens":3}');
  const running = await heldCall(key);
  const counted = await Promise.all(Array.from({ length: 13 }, () => up.relay.post("/v1/messages/count_tokens?beta=true", messagesRequest(), { "x-api-key": key.key })));
  expect(counted.map((each) => each.status)).toEqual(Array(13).fill(200));
  running.close();
});

test("a client that left gives its place back", async () => {
  const key = await person.key({ rateLimit: { concurrency: 1 } });
  provider.reply = () => undefined;
  const running = await heldCall(key);
  expect((await call(key)).status).toBe(429);
  running.close();
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, "{}");
  await until("its place is free", async () => (await call(key)).status === 200);
});

test("a plan's tokens of a month hold over all keys of each of its users", async () => {
  const asAdmin = async (path: string, body: object) => expect((await up.relay.request("PUT", `/api/admin${path}`, body, person.bearer)).status).toBeLessThan(300);
  const [one, another] = [await Person.register(up.relay), await Person.register(up.relay)];
  await asAdmin("/plans/sparing", { name: "Sparing", monthlyPrice: "0", maxKeys: 5, permissions: ["claude"], tokensPerMonth: 50 });
  for (const each of [one, another]) await asAdmin(`/users/${each.user.id}`, { plan: "sparing" });
  const keys = [await one.key(), await one.key(), await another.key()];
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_1")));
  expect((await call(keys[0])).status).toBe(200);
  const refused = await call(keys[1]);
  expect(refused.status).toBe(429);
  expect(refused.body.error.message).toBe("Your plan's limit of 50 tokens per month is reached");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(86_400);
  const { limits } = (await one.get("/users/limits")).body.data;
  const standing = limits.find((limit: any) => limit.name === "tokensPerMonth");
  expect(standing).toMatchObject({ of: "plan", limit: 50, held: 0, remaining: 0 });
  expect(standing.used).toBeGreaterThanOrEqual(50);
  expect(standing.resetsAt).toMatch(/-01T00:00:00.000Z$/);
  expect((await call(keys[2])).status).toBe(200); // each user's own
});
