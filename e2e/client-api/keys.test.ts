// Keys: made, shown once, read, changed, regenerated, verified, revoked; profile; the shapes of errors.
import { beforeAll, expect, test } from "vitest";
import { useRelay } from "../support/use";
import { type Answer } from "../support/relay";
import { Person } from "../support/people";

const up = useRelay();
let person: Person;
let admin: Person;
beforeAll(async () => {
  person = await Person.register(up.relay);
  admin = await Person.admin(up.relay);
});

function expectError(refused: Answer, status: number, error: string, message?: string) {
  expect(refused.status, refused.text).toBe(status);
  expect(refused.headers.get("content-type")).toMatch(/^application\/json/);
  expect(refused.body).toMatchObject({ success: false, error, message: message ?? expect.any(String), code: expect.any(String), requestId: expect.stringMatching(/^req_/) });
}

test("a key is shown once, whole, and then only its ends", async () => {
  const made = await admin.post("/keys", { name: "laptop", description: "on the desk", tags: ["home"], metadata: { room: 5 } });
  expect(made.status).toBe(201);
  expect(made.body.message).toBe("API key created successfully. Please save the key securely as it will not be shown again.");
  expect(made.body.key).toMatch(/^cr_[0-9A-Za-z]{49}$/);
  expect(made.body.data.key).toBe(made.body.key);
  expect(made.body.data.id).toMatch(/^key_[0-9A-Z]{26}$/);
  const read = await admin.get(`/keys/${made.body.data.id}`);
  const key = read.body.data;
  expect(read.text).not.toContain(made.body.key);
  expect(key).toMatchObject({ name: "laptop", description: "on the desk", status: "active", permissions: ["claude", "codex"], tags: ["home"], metadata: { room: 5 }, userId: admin.user.id, usageRequests: 0, usageTokens: 0, lastUsedAt: null, expiresAt: null });
  expect(key.keyPrefix).toBe(made.body.key.slice(0, 8));
  expect(key.keySuffix).toBe(made.body.key.slice(-4));
  expect(key.keyDisplay).toMatch(new RegExp(`^${key.keyPrefix}\\*+${key.keySuffix}$`));
  expect(key.created_at).toBe(key.createdAt);
});

test("a key takes every field and gives it back", async () => {
  const fields = {
    name: "all of it",
    permissions: ["claude"],
    rateLimit: { requestsPerMinute: 10, tokensPerMinute: 1000, concurrency: 2 },
    budget: { daily: "1.5", weekly: "5", monthly: "10.25", total: "100" },
    models: ["claude-*"],
    ipWhitelist: ["10.0.0.0/8", "2001:db8::1"],
    expiresAt: "2099-01-01T00:00:00Z",
  };
  const key = await admin.key(fields);
  expect(key).toMatchObject({ ...fields, budget: expect.any(Object), expiresAt: expect.stringMatching(/^2099-01-01T00:00:00(\.000)?Z$/) });
  const { resetTime, soft, ...amounts } = key.budget;
  expect(Object.values(amounts).map(Number)).toEqual([1.5, 5, 10.25, 100]);
  expect([resetTime, soft]).toEqual(["00:00", []]);
});

test("a change changes what is named and nothing else; an owner or a counter never", async () => {
  const key = await admin.key({ description: "before" });
  const changed = await admin.put(`/keys/${key.id}`, { name: "after", userId: person.user.id, usageRequests: 1_000_000, keyHash: "00", status: "inactive", unknownField: 1 });
  expect(changed.body.message).toBe("API key updated successfully");
  expect((await admin.get(`/keys/${key.id}`)).body.data).toMatchObject({ name: "after", description: "before", status: "inactive", usageRequests: 0, userId: admin.user.id });
});

test("the list pages newest first, and filters", async () => {
  const lister = await Person.register(up.relay);
  const ids = [];
  for (const name of ["one", "two", "three"]) ids.unshift((await lister.key({ name })).id);
  const first = await lister.get("/keys?limit=2");
  expect(first.body.data.map((key: any) => key.id)).toEqual(ids.slice(0, 2));
  const second = await lister.get(`/keys?limit=2&cursor=${encodeURIComponent(first.body.nextCursor)}`);
  expect(second.body.data.map((key: any) => key.id)).toEqual(ids.slice(2));
  expect(second.body.nextCursor ?? null).toBeNull();
  expect((await lister.get("/keys?search=tw")).body.data.map((key: any) => key.name)).toEqual(["two"]);
  await lister.delete(`/keys/${ids[0]}`);
  expect((await lister.get("/keys?status=active")).body.data).toHaveLength(2);
  expectError(await lister.get("/keys?limit=nonsense"), 400, "ValidationError");
});

test("the plan's number of keys is a limit", async () => {
  const free = await Person.register(up.relay);
  for (let n = 0; n < 3; n++) await free.key();
  expectError(await free.post("/keys", { name: "fourth" }), 403, "LimitExceeded", "Maximum number of API keys (3) reached for your plan");
});

test("somebody else's key is not found, whatever is tried", async () => {
  const key = await admin.key();
  for (const tried of [await person.get(`/keys/${key.id}`), await person.put(`/keys/${key.id}`, { name: "mine" }), await person.delete(`/keys/${key.id}`), await person.post(`/keys/${key.id}/regenerate`), await person.get(`/keys/${key.id}/usage`)]) {
    expectError(tried, 404, "NotFound", "API key not found");
  }
  expect((await admin.get(`/keys/${key.id}`)).body.data.name).toBe("test key");
});

test("verify knows a key by what it is, and says no more than it has to", async () => {
  const key = await admin.key({ permissions: ["codex"] });
  const verify = (apiKey?: unknown) => up.relay.post("/api/client/keys/verify", { apiKey });
  expect((await verify(key.key)).body).toMatchObject({ success: true, valid: true, data: { name: "test key", permissions: ["codex"], status: "active", expiresAt: null } });
  expectError(await verify("cr_" + "0".repeat(49)), 401, "Unauthorized", "Invalid API key");
  expectError(await verify(), 400, "ValidationError", "API key is required");
  await admin.put(`/keys/${key.id}`, { status: "inactive" });
  expect((await verify(key.key)).body).toMatchObject({ valid: false, data: { status: "inactive" } });
});

test("a regenerated key has a new secret, shown once; the old one is gone", async () => {
  const key = await admin.key();
  const again = await admin.post(`/keys/${key.id}/regenerate`);
  expect(again.body.message).toBe("API key regenerated successfully. Please save the new key securely.");
  expect(again.body.key).not.toBe(key.key);
  expect((await up.relay.post("/api/client/keys/verify", { apiKey: key.key })).status).toBe(401);
  expectError(await admin.post(`/keys/${key.id}/regenerate`, { gracePeriodSeconds: 604_801 }), 400, "ValidationError");
});

test("a deleted key is revoked and its history stays", async () => {
  const key = await admin.key();
  const gone = await admin.delete(`/keys/${key.id}`);
  expect(gone.body.message).toBe("API key deleted successfully");
  expect((await admin.get(`/keys/${key.id}`)).body.data.status).toBe("revoked");
  expect((await admin.get(`/keys/${key.id}/usage`)).status).toBe(200);
});

test.each([
  [{}, "name"],
  [{ name: "" }, "name"],
  [{ name: "x".repeat(101) }, "name"],
  [{ name: 5 }, "name"],
  [{ name: "x", permissions: ["everything"] }, "permissions"],
  [{ name: "x", ipWhitelist: ["300.1.1.1"] }, "ipWhitelist"],
  [{ name: "x", rateLimit: { requestsPerMinute: "many" } }, "rateLimit"],
  [{ name: "x", rateLimit: { requestsPerMinute: -1 } }, "rateLimit"],
  [{ name: "x", budget: { daily: "-1" } }, "budget"],
  [{ name: "x", budget: { daily: "lots" } }, "budget"],
  [{ name: "x", expiresAt: "yesterday" }, "expiresAt"],
  [{ name: "x", expiresAt: "2001-01-01T00:00:00Z" }, "expiresAt"],
])("a key from %j is refused at %s", async (fields, field) => {
  const refused = await admin.post("/keys", fields);
  expectError(refused, 400, "ValidationError");
  expect(refused.body.details[0].field).toMatch(new RegExp(`^${field}`));
});

test("every wrong field is named at once", async () => {
  const refused = await admin.post("/keys", { name: 5, tags: "no list", rateLimit: { requestsPerMinute: "x" } });
  expect(refused.body.details.map((detail: any) => detail.field).sort()).toEqual(["name", "rateLimit.requestsPerMinute", "tags"]);
});

test("the name's own words", async () => {
  expectError(await admin.post("/keys", {}), 400, "ValidationError", "API key name is required");
});

test("the profile is one's own", async () => {
  const profile = await person.get("/users/profile");
  expect(profile.body.data.user).toMatchObject({ id: person.user.id, email: person.email });
});

test("nobody gets in without a token", async () => {
  for (const path of ["/keys", "/users/profile"]) expectError(await up.relay.get(`/api/client${path}`), 401, "Unauthorized");
  expectError(await up.relay.get("/api/client/keys", { authorization: "Bearer x.y.z" }), 401, "InvalidToken", "Invalid token");
  expectError(await up.relay.get("/api/client/keys", { authorization: "Basic abc" }), 401, "Unauthorized");
});

test("an unknown route is 404, another method 405, no JSON 400, another type 415, too much 413", async () => {
  expectError(await person.get("/nothing/here"), 404, "NotFound");
  const wrong = await up.relay.request("PATCH", "/api/client/keys", {}, person.bearer);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toMatch(/GET/);
  expect(wrong.body.success).toBe(false);
  for (const text of ["{", '{"name":}', "\u0000", '{"name":"x"} more', '"text"', "[".repeat(5000)]) {
    expectError(await up.relay.post("/api/client/keys", text, person.bearer), 400, "ValidationError");
  }
  expectError(await up.relay.post("/api/client/keys", "<a/>", { ...person.bearer, "content-type": "application/xml" }), 415, "UnsupportedMediaType");
  expectError(await up.relay.post("/api/client/keys", JSON.stringify({ name: "x".repeat(3_000_000) }), person.bearer), 413, "PayloadTooLarge");
});

test("/client is an alias of /api/client", async () => {
  expect((await up.relay.get("/client/users/profile", person.bearer)).body.data.user.id).toBe(person.user.id);
});
