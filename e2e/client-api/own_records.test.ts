// One's own account: usage over all keys, billing, everything exported, and its end.
import { constants, publicEncrypt } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";
import { Person } from "../support/people";

const upstream = useSimulate();
const up = useRelay(() => ({ upstream: upstream.simulate.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.register(up.relay);
});

const ask = (key: string) => up.relay.messages({ model: "claude-sonnet-5-5", max_tokens: 16, messages: [{ role: "user", content: "Say hello" }] }, { "x-api-key": key });

async function usageOf(who: Person, requests: number, query = "") {
  for (let tries = 0; ; tries++) {
    const usage = await who.get(`/users/usage${query}`);
    expect(usage.status, usage.text).toBe(200);
    const { totals, total } = usage.body.data; // from the roll-ups, and from counters that were read a moment before
    if (Math.min(totals.requests, total.requests) >= requests || tries > 60) return usage.body.data;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("usage is summed over all of one's keys, billing shows it by day and model", async () => {
  const keys = [await person.key(), await person.key()];
  for (const key of keys) expect((await ask(key.key)).status).toBe(200);
  const usage = await usageOf(person, 2, "?groupBy=model&granularity=day");
  expect(usage).toMatchObject({ userId: person.user.id, totals: { requests: 2, errors: 0 }, granularity: "day", total: { requests: 2, lastUsedAt: expect.any(String) }, limits: { rpm: 20, rpd: 1000 } });
  expect(usage.series[0]).toMatchObject({ model: expect.stringMatching(/^claude-/), requests: 2 });
  expect(usage.latency.durationMs).toEqual({ p50: expect.any(Number), p90: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) });
  expect((await person.get("/users/usage?days=7")).body.data.daily).toHaveLength(7);
  expect((await person.get("/users/usage?granularity=year")).body.details[0].field).toBe("granularity");

  const used = (await person.get(`/keys/${keys[0].id}`)).body.data;
  expect(used).toMatchObject({ usageRequests: 1, lastUsedAddress: "127.0.0.1", lastUsedAt: expect.any(String) });

  const billing = (await person.get("/users/billing")).body.data;
  expect(billing).toMatchObject({ plan: { id: "free", maxKeys: 3, tokensPerMonth: 100_000, monthlyPrice: "0.00" }, balance: "0.00", currentPeriod: { requests: 2, tokenLimit: 100_000 }, invoices: [] });
  expect(billing.spend.byDay[0]).toMatchObject({ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), requests: 2, cost: billing.currentPeriod.cost });
  expect(billing.spend.byModel[0]).toMatchObject({ model: expect.stringMatching(/^claude-/), requests: 2 });
});

test("the export has everything about oneself, no secret, nobody else", async () => {
  const other = await Person.register(up.relay);
  await other.key({ name: "not yours" });
  const exported = await person.get("/users/export");
  expect(exported.status, exported.text.slice(0, 300)).toBe(200);
  expect(exported.headers.get("content-disposition")).toMatch(/^attachment/);
  const all = exported.body.data;
  expect(all.user).toMatchObject({ id: person.user.id, email: person.email });
  expect(all.keys.length).toBeGreaterThanOrEqual(2);
  expect(all.sessions[0]).toMatchObject({ address: "127.0.0.1", userAgent: expect.any(String) });
  expect(all.usageRecords[0]).toMatchObject({ requestId: expect.stringMatching(/^req_/), completed: true, tokens: { output: expect.any(Number) } });
  expect(all.usage[0]).toMatchObject({ model: expect.any(String), requests: 2 });
  expect(all.audit.map((entry: any) => entry.action)).toContain("key.created");
  expect(all).toMatchObject({ notifications: expect.any(Array), billing: [], truncated: [] });
  expect(exported.text).not.toContain("not yours");
  expect(exported.text).not.toMatch(/\$2[aby]\$|cr_[0-9A-Za-z]{49}|refreshHash|keyHash/);
  expect((await person.get(`/users/export?usageBefore=${encodeURIComponent(all.usageRecords.at(-1).startedAt)}`)).body.data.usageRecords).toEqual([]);
});

test("an account is deleted with its password only; then nothing of it works, and usage has no name", async () => {
  const leaver = await Person.register(up.relay);
  const key = await leaver.key();
  expect((await ask(key.key)).status).toBe(200);
  await usageOf(leaver, 1);
  const erase = (body: unknown) => up.relay.request("DELETE", "/api/client/users/account", body, leaver.bearer);

  const missing = await erase({});
  expect(missing.status).toBe(400);
  expect(missing.body).toMatchObject({ error: "ValidationError", details: [{ field: "password" }] });
  const wrong = await erase({ password: "not my password" });
  expect(wrong.status).toBe(401);
  expect(wrong.body).toMatchObject({ error: "Unauthorized", message: "Invalid credentials" });
  expect((await ask(key.key)).status).toBe(200);

  const { publicKey, nonce } = (await up.relay.get("/api/client/auth/public-key")).body;
  const encryptedPassword = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(leaver.password)).toString("base64");
  const gone = await erase({ encryptedPassword, nonce });
  expect(gone.status, gone.text).toBe(200);

  expect((await ask(key.key)).status).toBe(401);
  expect((await leaver.get("/users/profile")).status).toBe(401);
  expect((await up.relay.post("/api/client/auth/refresh", { refreshToken: leaver.refreshToken })).status).toBe(401);
  expect((await up.relay.post("/api/client/auth/login", { email: leaver.email, password: leaver.password })).status).toBe(401);
  expect((await up.relay.post("/api/client/keys/verify", { apiKey: key.key })).body.valid ?? false).toBe(false);

  const admin = await Person.admin(up.relay);
  const kept = await up.relay.get(`/api/admin/users/${leaver.user.id}`, admin.bearer);
  expect(kept.body.data).toMatchObject({ status: "deleted", displayName: "", usageTotal: expect.any(Number) });
  expect(kept.text).not.toContain(leaver.email);
  const shares = await up.relay.get("/api/admin/usage?groupBy=user", admin.bearer);
  expect(shares.body.data.shares.map((share: any) => share.name)).toContain(leaver.user.id);
  // The address is free again.
  expect((await up.relay.post("/api/client/auth/register", { email: leaver.email, username: "again", password: leaver.password })).status).toBe(201);
});

test("the last administrator can't leave", async () => {
  const admin = await Person.admin(up.relay);
  const refused = await up.relay.request("DELETE", "/api/client/users/account", { password: admin.password }, admin.bearer);
  expect(refused.status).toBe(409);
  expect(refused.body.code).toBe("last_admin");
});
