// The audit trail: what is written down, who sees it, and that a changed or missing entry shows.
import { beforeAll, afterAll, expect, test } from "vitest";
import { Relay } from "../support/relay";
import { Person } from "../support/people";

let relay: Relay;
let person: Person;
let admin: Person;
beforeAll(async () => {
  relay = await Relay.start();
  person = await Person.register(relay);
  admin = await Person.admin(relay);
});
afterAll(async () => {
  await relay.stop();
});

const audit = (...args: string[]) => relay.command("audit", ...args);
const actions = (answer: any) => answer.body.data.map((entry: any) => entry.action);

test("one's own acts are there, newest first, with who, where and how it ended", async () => {
  const key = await person.key();
  await person.put(`/keys/${key.id}`, { description: "new" });
  await person.post(`/keys/${key.id}/regenerate`, { gracePeriodSeconds: 60 });
  await person.delete(`/keys/${key.id}`);
  const list = await person.get("/users/audit");
  expect(list.status, list.text).toBe(200);
  expect(actions(list).slice(0, 4)).toEqual(["key.revoked", "key.regenerated", "key.updated", "key.created"]);
  const created = list.body.data[3];
  expect(created).toMatchObject({ outcome: "success", actor: "user", actorId: person.user.id, userId: person.user.id, target: key.id, address: "127.0.0.1", requestId: expect.stringMatching(/^req_/), details: { name: "test key" } });
  expect(list.text).not.toContain(key.key);
});

test("coming in and going out is there, what failed too, without a word of what was typed", async () => {
  const one = await Person.register(relay);
  const login = (password: string) => relay.post("/api/client/auth/login", { email: one.email, password });
  const other = (await login(one.password)).body.data;
  expect((await login("not the password")).status).toBe(401);
  const refresh = (refreshToken: string) => relay.post("/api/client/auth/refresh", { refreshToken });
  const second = (await refresh(one.refreshToken)).body.data;
  const third = (await refresh(second.refreshToken)).body.data;
  expect((await refresh(one.refreshToken)).status).toBe(401); // used long ago: its family ends
  one.token = other.token;
  await one.put("/users/profile", { displayName: "One" });
  await one.put("/users/preferences", { notifications: { keyCreated: { email: false } } });
  await one.put("/users/profile", { email: `new-${one.email}` });
  const { id } = (await one.get("/auth/sessions")).body.data[0];
  await relay.post("/api/client/auth/login", { email: `new-${one.email}`, password: one.password });
  const newest = (await one.get("/auth/sessions")).body.data[0];
  expect(newest.id).not.toBe(id);
  expect((await one.delete(`/auth/sessions/${newest.id}`)).status).toBe(200);

  const list = await one.get("/users/audit");
  expect(list.body.data.map((entry: any) => `${entry.action} ${entry.outcome} ${entry.actor}`)).toEqual([
    "auth.session_removed success user",
    "auth.login success user",
    "auth.email_changed success user",
    "user.preferences_updated success user",
    "user.profile_updated success user",
    "auth.refresh_reused failure nobody",
    "auth.login failure nobody",
    "auth.login success user",
    "auth.register success user",
  ]);
  for (const entry of list.body.data) expect(entry).toMatchObject({ address: "127.0.0.1", requestId: expect.stringMatching(/^req_/), userAgent: expect.any(String) });
  for (const secret of [one.email, one.password, "not the password", third.refreshToken, "One"]) expect(list.text).not.toContain(secret);

  expect((await one.post("/auth/logout", { all: true })).status).toBe(200);
  const all = await relay.get(`/api/admin/audit?userId=${one.user.id}&limit=1`, admin.bearer);
  expect(all.body.data[0]).toMatchObject({ action: "auth.logout", details: { all: "true" }, actorId: one.user.id });
  expect((await relay.post("/api/client/auth/login", { email: "nobody@example.com", password: "not the password" })).status).toBe(401);
  const nobody = await relay.get("/api/admin/audit?action=auth.login&outcome=failure&limit=1", admin.bearer);
  expect(nobody.body.data[0]).toMatchObject({ userId: null, actor: "nobody", details: { reason: "credentials" } });
  expect(nobody.text).not.toContain("nobody@example.com");
});

test("the list pages by cursor and is one's own alone", async () => {
  await person.key();
  const first = await person.get("/users/audit?limit=1");
  expect(first.body.data).toHaveLength(1);
  const second = await person.get(`/users/audit?limit=1&cursor=${encodeURIComponent(first.body.nextCursor)}`);
  expect(second.body.data[0].id).not.toBe(first.body.data[0].id);
  const other = await Person.register(relay);
  expect((await other.get("/users/audit")).text).not.toContain(person.user.id);
  expect((await relay.get("/api/client/users/audit")).status).toBe(401);
});

test("verify holds while the server runs, and list shows what was done", async () => {
  const verified = await audit("verify");
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toMatch(/^holds +\d+ entries/);
  const listed = await audit("list", "--user", person.user.id, "--action", "key.");
  expect(listed.text).toMatch(/key\.created {2}success {2}user/);
});

test("fifty acts at once make one chain", async () => {
  await Promise.all(Array.from({ length: 50 }, () => admin.key()));
  const verified = await audit("verify");
  expect(verified.code, verified.text).toBe(0);
});
