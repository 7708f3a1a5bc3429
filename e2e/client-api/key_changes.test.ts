// What the relay sees of a key's changes: at once, and for no longer than it should.
import { beforeAll, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";
import { Person } from "../support/people";

const upstream = useSimulate();
const up = useRelay(() => ({ upstream: upstream.simulate.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});

const ask = async (key: string) => (await up.relay.messages({ model: "claude-sonnet-5-5", max_tokens: 16, messages: [{ role: "user", content: "Hi" }] }, { "x-api-key": key })).status;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.each([
  ["set inactive", { status: "inactive" }, 401],
  ["kept from claude", { permissions: ["codex"] }, 403],
  ["kept to another model", { models: ["gpt-*"] }, 403],
  ["kept to another address", { ipWhitelist: ["10.0.0.0/8"] }, 403],
])("a key that is %s is refused by the next call", async (_words, change, status) => {
  const key = await person.key();
  expect(await ask(key.key)).toBe(200);
  const changed = await person.put(`/keys/${key.id}`, change);
  expect(changed.status, changed.text).toBe(200);
  expect(await ask(key.key)).toBe(status);
});

test("a revoked key is refused by the next call", async () => {
  const key = await person.key();
  expect(await ask(key.key)).toBe(200);
  await person.delete(`/keys/${key.id}`);
  expect(await ask(key.key)).toBe(401);
});

test("without a grace the old secret is dead at once; with one it works until its end", async () => {
  const key = await person.key();
  expect(await ask(key.key)).toBe(200);
  const second = (await person.post(`/keys/${key.id}/regenerate`)).body.key;
  expect([await ask(key.key), await ask(second)]).toEqual([401, 200]);
  const third = (await person.post(`/keys/${key.id}/regenerate`, { gracePeriodSeconds: 1 })).body.key;
  expect([await ask(second), await ask(third)]).toEqual([200, 200]);
  await sleep(1_100);
  expect([await ask(second), await ask(third)]).toEqual([401, 200]);
  expect((await up.relay.post("/api/client/keys/verify", { apiKey: second })).status).toBe(401);
});

test("a key expires by the clock", async () => {
  const key = await person.key({ expiresAt: new Date(Date.now() + 1_000).toISOString() });
  expect(await ask(key.key)).toBe(200);
  await sleep(1_100);
  expect(await ask(key.key)).toBe(401);
  expect((await person.get(`/keys/${key.id}`)).body.data.status).toBe("expired");
  expect((await person.get("/keys?status=expired")).body.data.map((entry: any) => entry.id)).toEqual([key.id]);
});

test.each([
  [{ tags: Array.from({ length: 21 }, (_, n) => `tag${n}`) }, "tags"],
  [{ tags: ["x".repeat(51)] }, "tags"],
  [{ metadata: { text: "x".repeat(9_000), more: "y".repeat(9_000) } }, "metadata"],
  [{ description: "x".repeat(1_001) }, "description"],
  [{ models: ["a".repeat(5_000)] }, "models"],
])("what is kept of a key is bounded: %#", async (fields, field) => {
  const refused = await person.post("/keys", { name: "big", ...fields });
  expect(refused.status, refused.text.slice(0, 200)).toBe(400);
  expect(refused.body.details[0].field).toMatch(new RegExp(`^${field}`));
});
