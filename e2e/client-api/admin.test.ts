// Administrators: people, anybody's keys, plans, usage across users, the audit trail. Nobody else gets in.
import { beforeAll, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";
import { type Answer } from "../support/relay";
import { Person } from "../support/people";
import { until } from "../support/until";

const upstream = useSimulate();
const up = useRelay(() => ({ upstream: upstream.simulate.url }));
let admin: Person;
let person: Person;
beforeAll(async () => {
  admin = await Person.admin(up.relay);
  person = await Person.register(up.relay);
});

const call = (method: string, path: string, body?: unknown, who = admin) => up.relay.request(method, `/api/admin${path}`, body, who.bearer);
const ask = (key: string) => up.relay.messages({ model: "claude-sonnet-5-5", max_tokens: 16, messages: [{ role: "user", content: "Hi" }] }, { "x-api-key": key });
const login = (who: Person) => up.relay.post("/api/client/auth/login", { email: who.email, password: who.password });
function expectData(answer: Answer): any {
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data;
}
function expectRefused(answer: Answer, status: number, code: string) {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.body).toMatchObject({ success: false, code });
}

const everyCall: [string, string, unknown?][] = [
  ["GET", "/users"],
  ["GET", "/users/usr_x"],
  ["PUT", "/users/usr_x", {}],
  ["POST", "/users/usr_x/suspend"],
  ["POST", "/users/usr_x/activate"],
  ["POST", "/users/usr_x/reset-password"],
  ["DELETE", "/users/usr_x/two-factor"],
  ["DELETE", "/users/usr_x/sessions"],
  ["DELETE", "/users/usr_x"],
  ["GET", "/keys"],
  ["GET", "/keys/key_x"],
  ["PUT", "/keys/key_x", { status: "inactive" }],
  ["DELETE", "/keys/key_x"],
  ["GET", "/plans"],
  ["PUT", "/plans/gold", {}],
  ["GET", "/prices"],
  ["POST", "/prices", { model: "m", provider: "openai", input: "1", output: "1" }],
  ["PUT", "/prices/prc_x", {}],
  ["DELETE", "/prices/prc_x"],
  ["GET", "/usage"],
  ["GET", "/audit"],
];
test.each(everyCall)("%s %s is for administrators only", async (method, path, body) => {
  expectRefused(await call(method, path, body, person), 403, "admin_required");
  expect((await up.relay.request(method, `/api/admin${path}`, body)).status).toBe(401);
});
test.each(everyCall.filter(([, path]) => path.includes("_x")))("%s %s of nobody is not found", async (method, path, body) => {
  expect((await call(method, path, body)).status).toBe(404);
});

test("people are listed in pages, searched and filtered", async () => {
  const first = await call("GET", "/users?limit=1");
  expect(expectData(first)).toHaveLength(1);
  expect(expectData(await call("GET", `/users?limit=1&cursor=${encodeURIComponent(first.body.nextCursor)}`))[0].id).not.toBe(first.body.data[0].id);
  expect(expectData(await call("GET", `/users?search=${person.email}`)).map((user: any) => user.id)).toEqual([person.user.id]);
  expect(expectData(await call("GET", "/users?role=admin")).map((user: any) => user.role)).toEqual(["admin"]);
  expect(expectData(await call("GET", "/users?plan=enterprise&status=active"))).toHaveLength(1);
  expectRefused(await call("GET", "/users?status=gone"), 400, "status_invalid");
  expect(expectData(await call("GET", `/users/${person.user.id}`))).toMatchObject({ email: person.email, plan: "free", rateLimit: {} });
});

test("who is suspended is refused at once, relayed calls and sessions, until activated", async () => {
  const bad = await Person.register(up.relay);
  const key = await bad.key();
  expect((await ask(key.key)).status).toBe(200);
  expect(expectData(await call("POST", `/users/${bad.user.id}/suspend`)).status).toBe("suspended");
  const relayed = await ask(key.key);
  expect(relayed.status).toBe(403);
  const session = await bad.get("/users/profile");
  expectRefused(session, 403, "account_inactive");
  expect(session.body.message).toBe("Account is not active");
  expectRefused(await up.relay.post("/api/client/auth/refresh", { refreshToken: bad.refreshToken }), 403, "account_inactive");
  expectRefused(await login(bad), 403, "account_inactive");
  expect(expectData(await call("POST", `/users/${bad.user.id}/activate`)).status).toBe("active");
  expect((await ask(key.key)).status).toBe(200);
});

test("role, plan and limits are set, and hold at once", async () => {
  const one = await Person.register(up.relay);
  const key = await one.key();
  expect((await ask(key.key)).status).toBe(200);
  const changed = expectData(await call("PUT", `/users/${one.user.id}`, { plan: "pro", rateLimit: { requestsPerMinute: 1 }, balance: "1000", email: "x@y.z" }));
  expect(changed).toMatchObject({ plan: "pro", rateLimit: { requestsPerMinute: 1 }, balance: "0.00", email: one.email });
  expect((await ask(key.key)).status === 200 ? (await ask(key.key)).status : 429).toBe(429);
  expect(expectData(await call("PUT", `/users/${one.user.id}`, { role: "admin" })).role).toBe("admin");
  expect((await up.relay.get("/api/admin/plans", one.bearer)).status).toBe(200);
  expect(expectData(await call("PUT", `/users/${one.user.id}`, { role: "user" })).role).toBe("user");
  expect((await up.relay.get("/api/admin/plans", one.bearer)).status).toBe(403);
  expectRefused(await call("PUT", `/users/${one.user.id}`, { plan: "golden" }), 400, "plan_unknown");
  const wrong = await call("PUT", `/users/${one.user.id}`, { role: "god", status: "deleted" });
  expect(wrong.body.details.map((detail: any) => detail.field).sort()).toEqual(["role", "status"]);
});

test("an administrator can't take away their own role, nor the last one's", async () => {
  expectRefused(await call("PUT", `/users/${admin.user.id}`, { role: "user" }), 409, "own_account");
  expectRefused(await call("POST", `/users/${admin.user.id}/suspend`), 409, "own_account");
  expectRefused(await call("DELETE", `/users/${admin.user.id}`), 409, "own_account");
});

test("a forced reset ends the sessions and the password; sessions can be ended alone", async () => {
  const one = await Person.register(up.relay);
  expect((await call("DELETE", `/users/${one.user.id}/sessions`)).status).toBe(200);
  expect((await one.get("/users/profile")).status).toBe(401);
  const again = await login(one);
  expect(again.status).toBe(200);
  expectData(await call("POST", `/users/${one.user.id}/reset-password`));
  expect((await up.relay.get("/api/client/users/profile", { authorization: `Bearer ${again.body.token}` })).status).toBe(401);
  expect((await login(one)).status).toBe(401);
});

test("the command line sets limits and budgets of a user and of a key, and running servers know", async () => {
  const one = await Person.register(up.relay);
  const key = await one.key();
  const ran = async (...words: string[]) => {
    const { code, text } = await up.relay.command("admin", ...words);
    expect(code, text).toBe(0);
    return text;
  };
  expect(await ran("set-limits", one.email, "--requests-per-day", "1", "--concurrency", "9")).toMatch(/requests per day +1\n/);
  expect(await ran("set-limits", one.email, "--concurrency", "0")).toMatch(/requests per day +1\n[^]*at one time +none\n/);
  await until("the limit holds", async () => (await ask(key.key)).headers.get("anthropic-ratelimit-requests-limit") === "1");
  await ran("set-limits", one.email, "--requests-per-day", "0");
  expect(await ran("set-budget", key.id, "--total", "0", "--daily", "5.5", "--soft", "daily")).toMatch(/daily +5.50 USD, soft\nweekly +none\n[^]*total +0.00 USD\n/);
  await until("the budget holds", async () => (await ask(key.key)).status === 402);
  expect(expectData(await call("GET", `/users/${one.user.id}`)).rateLimit).toMatchObject({ requestsPerDay: null, concurrency: null });
  const wrong = await up.relay.command("admin", "set-budget", key.id, "--daily", "much");
  expect(wrong.code).not.toBe(0);
  expect(wrong.text).toContain("must be an amount of USD");
});

test("anybody's keys are listed, suspended and revoked, at once", async () => {
  const one = await Person.register(up.relay);
  const key = await one.key({ name: "find me" });
  const listed = expectData(await call("GET", `/keys?userId=${one.user.id}&search=find`));
  expect(listed.map((entry: any) => entry.id)).toEqual([key.id]);
  expect((await ask(key.key)).status).toBe(200);
  expect(expectData(await call("PUT", `/keys/${key.id}`, { status: "inactive" })).status).toBe("inactive");
  expect((await ask(key.key)).status).toBe(401);
  expect(expectData(await call("PUT", `/keys/${key.id}`, { status: "active" })).status).toBe("active");
  expect((await ask(key.key)).status).toBe(200);
  expect((await call("DELETE", `/keys/${key.id}`)).status).toBe(200);
  expect((await ask(key.key)).status).toBe(401);
  expect(expectData(await call("GET", `/keys/${key.id}`)).status).toBe("revoked");
  expectRefused(await call("PUT", `/keys/${key.id}`, { status: "active" }), 409, "api_key_revoked");
  const own = (await one.get("/users/audit")).body.data.find((entry: any) => entry.action === "key.revoked");
  expect(own).toMatchObject({ actor: "admin", actorId: null, address: null, target: key.id });
});

test("plans are listed and edited, and hold at once", async () => {
  expect(expectData(await call("GET", "/plans")).map((plan: any) => plan.id).sort()).toEqual(["basic", "enterprise", "free", "pro"]);
  const made = expectData(await call("PUT", "/plans/tiny", { name: "Tiny", monthlyPrice: "1.50", maxKeys: 1, permissions: ["codex"], rateLimit: { rpm: 5 } }));
  expect(made).toEqual({ id: "tiny", name: "Tiny", monthlyPrice: "1.50", maxKeys: 1, tokensPerMonth: null, permissions: ["codex"], budget: { daily: null, weekly: null, monthly: null, total: null, resetTime: "00:00", soft: [] }, priority: 50, accountGroup: null, rateLimit: expect.objectContaining({ requestsPerMinute: 5 }) });
  const one = await Person.register(up.relay);
  const key = await one.key();
  expect((await ask(key.key)).status).toBe(200);
  expectData(await call("PUT", `/users/${one.user.id}`, { plan: "tiny" }));
  expect((await ask(key.key)).status).toBe(403);
  expectRefused(await one.post("/keys", { name: "second" }), 403, "key_limit_reached");
  expectRefused(await one.put(`/keys/${key.id}`, { permissions: ["claude"] }), 403, "permission_not_in_plan");
  expect((await one.put(`/keys/${key.id}`, { permissions: null })).body.data.permissions).toEqual(["codex"]);
  expectData(await call("PUT", "/plans/tiny", { permissions: ["claude", "codex"] }));
  expectData(await one.put(`/keys/${key.id}`, { permissions: ["claude"] }));
  expect((await ask(key.key)).status).toBe(200);
  const wrong = await call("PUT", "/plans/Bad Plan", {});
  expect(wrong.status).toBe(400);
  expect((await call("PUT", "/plans/tiny", { monthlyPrice: "-1", permissions: ["all"] })).body.details.map((detail: any) => detail.field).sort()).toEqual(["monthlyPrice", "permissions"]);
});

test("usage across users is by user, key or model, dearest first", async () => {
  const find = async () => expectData(await call("GET", "/usage?groupBy=user&days=2"));
  for (let tries = 0; tries < 60 && (await find()).totals.requests < 5; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  const usage = await find();
  expect(usage).toMatchObject({ groupBy: "user", totals: { requests: expect.any(Number) } });
  expect(usage.shares.length).toBeGreaterThan(1);
  expect(expectData(await call("GET", `/usage?groupBy=model&userId=${usage.shares[0].name}`)).shares[0].name).toMatch(/^claude-/);
  expect(expectData(await call("GET", "/usage?groupBy=key&limit=1")).shares).toHaveLength(1);
  expect((await call("GET", "/usage?groupBy=colour")).body.details[0].field).toBe("groupBy");
});

test("the audit trail is filtered by person, actor, action and outcome", async () => {
  const acts = expectData(await call("GET", `/audit?actorId=${admin.user.id}&action=admin.`));
  expect(acts.length).toBeGreaterThan(3);
  expect(new Set(acts.map((entry: any) => entry.actor))).toEqual(new Set(["admin"]));
  expect(acts[0]).toMatchObject({ address: "127.0.0.1", requestId: expect.stringMatching(/^req_/) });
  expect(expectData(await call("GET", "/audit?outcome=failure")).every((entry: any) => entry.outcome === "failure")).toBe(true);
  expect(expectData(await call("GET", "/audit?to=2001-01-01"))).toEqual([]);
  expectRefused(await call("GET", "/audit?outcome=maybe"), 400, "audit_query_invalid");
});

test("an administrator deletes a person", async () => {
  const one = await Person.register(up.relay);
  expect((await call("DELETE", `/users/${one.user.id}`)).status).toBe(200);
  expect((await one.get("/users/profile")).status).toBe(401);
  expect(expectData(await call("GET", `/users/${one.user.id}`)).status).toBe("deleted");
  expectRefused(await call("POST", `/users/${one.user.id}/activate`), 409, "user_deleted");
});
