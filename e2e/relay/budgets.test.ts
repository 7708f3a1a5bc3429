// Budgets: held before a call, settled behind it, refused with 402 when they are spent; and limits of days and tokens.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, type ProviderRequest } from "../support/provider";
import { Person } from "../support/people";
import { Relay } from "../support/relay";
import { costOfUsage, message, messagesRequest } from "../support/answers";
import { until } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let admin: Person;
beforeAll(async () => {
  admin = await Person.admin(up.relay);
});
const json = { "content-type": "application/json" };
const good = (request: ProviderRequest) => answer(request, 200, json, JSON.stringify(message("msg_1")));
const call = (key: any) => up.relay.post("/v1/messages", messagesRequest(), { "x-api-key": key.key });
const chat = (key: any) => up.relay.post("/v1/chat/completions", { model: "gpt-5.4", messages: [] }, { authorization: `Bearer ${key.key}` });
const asAdmin = (method: string, path: string, body: unknown) => up.relay.request(method, `/api/admin${path}`, body, admin.bearer);

test("of forty calls at once with a budget for one, one passes; the others are told that it is held", async () => {
  const key = await admin.key({ budget: { daily: costOfUsage } });
  const held: ProviderRequest[] = [];
  provider.clear();
  provider.reply = (request) => void held.push(request);
  let refused: any[] = [];
  const calls = Array.from({ length: 40 }, async () => {
    const got = await call(key);
    if (got.status !== 200) refused.push(got);
    return got.status;
  });
  await until("all but one are refused, and the one has arrived", () => refused.length === 39 && held.length === 1);
  expect(provider.requests).toHaveLength(1);
  held.forEach(good);
  const statuses = await Promise.all(calls);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(new Set(refused.map((each) => each.status))).toEqual(new Set([402]));
  expect(refused[0].body).toMatchObject({ type: "error", error: { type: "billing_error" } });
  expect(refused[0].headers.get("x-should-retry")).toBe("true");
});

test("a spent budget is a 402 in each dialect's shape that names the window and when it opens again", async () => {
  const key = await admin.key({ budget: { daily: costOfUsage } });
  provider.reply = good;
  expect((await call(key)).status).toBe(200);
  const refused = await call(key);
  expect(refused.status).toBe(402);
  expect(refused.body).toMatchObject({ type: "error", error: { type: "billing_error" } });
  const opens = new Date();
  opens.setUTCHours(24, 0, 0, 0);
  expect(refused.body.error.message).toBe(`This API key's daily budget of ${costOfUsage} USD is spent; it opens again at ${opens.toISOString()}`);
  expect(refused.headers.get("x-should-retry")).toBe("false");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(86_400);
  const byOpenAi = await chat(key);
  expect(byOpenAi.status).toBe(402);
  expect(byOpenAi.body.error).toMatchObject({ type: "insufficient_quota", code: "insufficient_quota", param: null });
  // Models and counts are no calls that cost something.
  provider.reply = (request) => answer(request, 200, json, JSON.stringify({ object: "list", data: [], has_more: false }));
  expect((await up.relay.get("/v1/models", { "x-api-key": key.key })).status).toBe(200);

  const standing = await admin.get(`/keys/${key.id}/limits`);
  expect(standing.body.data.budgets).toEqual([
    { of: "key", period: "daily", limit: costOfUsage, spent: costOfUsage, held: "0.00", remaining: "0.00", soft: false, beganAt: expect.any(String), resetsAt: opens.toISOString() },
  ]);

  // Room is made at once.
  provider.reply = good;
  expect((await admin.put(`/keys/${key.id}`, { budget: { daily: "5", weekly: "5", total: "0.1" } })).status).toBe(200);
  expect((await call(key)).status).toBe(200);
});

test("what was spent before counts after a kill, and a total budget never opens again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "relay-budgets-"));
  const started = () => Relay.start({ upstream: provider.url, folder });
  let relay = await started();
  const key = await (await Person.admin(relay)).key({ budget: { total: "0.012" } });
  const once = () => relay.post("/v1/messages", messagesRequest(), { "x-api-key": key.key });
  provider.reply = good;
  expect((await once()).status).toBe(200);
  await relay.process.stop("SIGKILL");
  relay = await started();
  expect((await once()).status).toBe(200);
  const refused = await once();
  expect(refused.status).toBe(402);
  expect(refused.body.error.message).toBe("This API key's total budget of 0.012 USD is spent");
  expect(refused.headers.get("retry-after")).toBeNull();
  await relay.stop();
  await rm(folder, { recursive: true });
});

test("a soft budget lets calls pass, says so, and is told of once", async () => {
  const person = await Person.register(up.relay);
  const key = await person.key({ budget: { monthly: "0.001", soft: ["monthly"] } });
  provider.reply = good;
  expect((await call(key)).headers.get("x-relay-budget-spent")).toBeNull();
  const second = await call(key);
  expect(second.status).toBe(200);
  expect(second.headers.get("x-relay-budget-spent")).toBe("key monthly");
  await call(key);
  const told = async () => (await person.get("/users/notifications")).body.data.filter((each: any) => each.kind === "limit_near");
  await until("it is told of", async () => (await told()).length > 0, 20_000, 250);
  expect(await told()).toHaveLength(1);
});

test("budgets and limits of a user and a plan are over all keys, and an administrator sets them", async () => {
  const person = await Person.register(up.relay);
  const [one, other] = [await person.key(), await person.key()];
  provider.reply = good;
  const set = await asAdmin("PUT", `/users/${person.user.id}`, { budget: { weekly: "0.01", resetTime: "06:00" }, rateLimit: { requestsPerDay: 3 } });
  expect(set.status).toBe(200);
  expect(set.body.data.budget).toEqual({ daily: null, weekly: "0.01", monthly: null, total: null, resetTime: "06:00", soft: [] });
  expect([(await call(one)).status, (await call(other)).status]).toEqual([200, 200]);
  const refused = await call(one);
  expect(refused.status).toBe(402);
  expect(refused.body.error.message).toMatch(/^Your account's weekly budget of 0.01 USD is spent; it opens again at .*T06:00:00.000Z$/);
  await asAdmin("PUT", `/users/${person.user.id}`, { budget: null });
  expect((await call(one)).headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
  const limited = await call(other);
  expect(limited.status).toBe(429);
  expect(limited.body.error.message).toBe("Your account's limit of 3 requests per day is reached");
  expect(limited.headers.get("anthropic-ratelimit-requests-limit")).toBe("3");

  const plan = await asAdmin("PUT", "/plans/frugal", { budget: { total: "0" }, priority: 10 });
  expect(plan.body.data).toMatchObject({ priority: 10, budget: { total: "0.00" } });
  await asAdmin("PUT", `/users/${person.user.id}`, { plan: "frugal", rateLimit: null });
  const ofPlan = await call(one);
  expect(ofPlan.status).toBe(402);
  expect(ofPlan.body.error.message).toBe("Your plan's total budget of 0.00 USD is spent");
  expect((await person.get("/users/limits")).body.data.budgets[0]).toMatchObject({ of: "plan", period: "total", remaining: "0.00", resetsAt: null });
});

test("tokens of a day and of a minute: headers count down, and past the limit is 429", async () => {
  // 1000 in, 300 written, 500 out; 400 read from the cache do not count.
  const key = await admin.key({ rateLimit: { tokensPerDay: 3000 } });
  provider.reply = good;
  const first = await call(key);
  expect(first.headers.get("anthropic-ratelimit-tokens-limit")).toBe("3000");
  const held = Number(first.headers.get("anthropic-ratelimit-tokens-remaining"));
  const second = await call(key);
  expect(held - Number(second.headers.get("anthropic-ratelimit-tokens-remaining"))).toBe(1800);
  const refused = await call(key);
  expect(refused.status).toBe(429);
  expect(refused.body.error.message).toBe("This API key's limit of 3000 tokens per day is reached");
  expect(refused.headers.get("anthropic-ratelimit-tokens-remaining")).toBe("0");

  const slow = await admin.key({ rateLimit: { tokensPerMinute: 1700 } });
  expect((await call(slow)).status).toBe(200);
  const later = await call(slow);
  expect(later.status).toBe(429);
  const seconds = Number(later.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(10);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  expect((await call(slow)).status).toBe(200);
});
