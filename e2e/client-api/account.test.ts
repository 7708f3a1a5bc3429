// One's own account: sessions, profile, notifications and what one wants to be told of.
import { afterAll, beforeAll, expect, test } from "vitest";
import { MailServer, tokenIn } from "../support/mail_server";
import { Person } from "../support/people";
import { Relay } from "../support/relay";

let mail: MailServer;
let relay: Relay;
beforeAll(async () => {
  mail = await MailServer.start();
  relay = await Relay.start({ env: { SMTP_URL: mail.url(), SMTP_FROM: "Claude Relay <relay@example.com>", RELAY_ENV: "test", BCRYPT_COST: "4" } });
});
afterAll(async () => {
  await relay?.stop();
  await mail?.stop();
});

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
const login = (person: Person, headers: Record<string, string> = {}) =>
  relay.post("/api/client/auth/login", { email: person.email, password: person.password }, headers);
const verified = async (person: Person) => {
  const sent = await mail.arrives(person.email, /verify/i);
  expect((await relay.post("/api/client/auth/verify-email", { token: tokenIn(sent) })).status).toBe(200);
};
const kinds = async (person: Person, query = "") =>
  (await person.get(`/users/notifications${query}`)).body.data.map((each: any) => each.kind);

test("sessions are listed, one can be ended, and nobody else's", async () => {
  const person = await Person.register(relay);
  const other = (await login(person, { "user-agent": firefox })).body.data.token;
  const listed = await person.get("/auth/sessions");
  expect(listed.status, listed.text).toBe(200);
  expect(listed.body.data).toHaveLength(2);
  const [newest, own] = listed.body.data;
  expect(newest).toMatchObject({ device: "Firefox on Linux", userAgent: firefox, address: "127.0.0.1", current: false });
  expect(own).toMatchObject({ id: expect.stringMatching(/^ses_/), current: true, createdAt: expect.stringMatching(/Z$/), lastUsedAt: expect.any(String) });
  expect(listed.text).not.toMatch(/hash|refresh/i);

  const stranger = await Person.register(relay);
  const refused = await stranger.delete(`/auth/sessions/${newest.id}`);
  expect(refused.status).toBe(404);
  expect(refused.body.error).toBe("NotFound");
  const bearer = { authorization: `Bearer ${other}` };
  expect((await relay.get("/api/client/keys", bearer)).status).toBe(200);
  expect((await person.delete(`/auth/sessions/${newest.id}`)).status).toBe(200);
  expect((await relay.get("/api/client/keys", bearer)).status).toBe(401);
  expect((await person.get("/auth/sessions")).body.data).toHaveLength(1);
});

test("the profile takes what is one's own to set, and nothing else", async () => {
  const person = await Person.register(relay);
  const forbidden = { role: "admin", plan: "enterprise", balance: "1000", status: "suspended", emailVerified: true, id: "usr_x", usageTotal: 0 };
  const changed = await person.put("/users/profile", { displayName: "Anna Ñandú", timezone: "Europe/Berlin", locale: "de-ch", ...forbidden });
  expect(changed.status, changed.text).toBe(200);
  expect(changed.body.data.user).toMatchObject({ displayName: "Anna Ñandú", timezone: "Europe/Berlin", locale: "de-CH", role: "user", plan: "free", balance: "0.00", status: "active", emailVerified: false, id: person.user.id });
  expect((await person.get("/users/profile")).body.data.user).toEqual(changed.body.data.user);
  const refused = await person.put("/users/profile", { timezone: "Mars/Olympus", locale: "english", username: "a", email: "none" });
  expect(refused.status).toBe(400);
  expect(refused.body.details.map((each: any) => each.field).sort()).toEqual(["email", "locale", "timezone", "username"]);
  const taken = await person.put("/users/profile", { email: relay.admin.email });
  expect(taken.body).toMatchObject({ error: "ConflictError", message: "Email already registered" });
});

test("a changed address is verified anew, and the old one can take the change back", async () => {
  const person = await Person.register(relay);
  await verified(person);
  const next = `new-${person.email}`;
  const changed = await person.put("/users/profile", { email: next });
  expect(changed.body.data.user).toMatchObject({ email: next, emailVerified: false });
  const restore = tokenIn(await mail.arrives(person.email, /address was changed/i));
  expect((await relay.post("/api/client/auth/verify-email", { token: tokenIn(await mail.arrives(next, /verify/i)) })).status).toBe(200);
  expect((await person.get("/users/profile")).body.data.user.emailVerified).toBe(true);

  const restored = await relay.post("/api/client/auth/restore-email", { token: restore });
  expect(restored.status, restored.text).toBe(200);
  expect((await person.get("/users/profile")).status).toBe(401); // all sessions have ended
  expect((await login(person)).status).toBe(401); // whoever changed it may have set the password, too
  expect((await relay.post("/api/client/auth/forgot-password", { email: person.email })).status).toBe(200);
  const token = tokenIn(await mail.arrives(person.email, /reset/i));
  expect((await relay.post("/api/client/auth/reset-password", { token, password: person.password })).status).toBe(200);
  expect((await login(person)).body.data.user).toMatchObject({ email: person.email, emailVerified: true });
  expect((await relay.post("/api/client/auth/restore-email", { token: restore })).status).toBe(400);
});

test("a new key and a sign-in from somewhere new are told, in the list and by mail", async () => {
  const person = await Person.register(relay);
  await verified(person);
  await person.key({ name: "build server" });
  await mail.arrives(person.email, /new API key: build server/i);
  await login(person);
  await login(person, { "user-agent": firefox });
  const told = await mail.arrives(person.email, /new sign-in/i);
  expect(told.text).toContain("Firefox on Linux");
  expect(await kinds(person)).toEqual(["new_sign_in", "key_created"]);
  await login(person, { "user-agent": firefox.replaceAll("131", "132") });
  expect(await kinds(person)).toHaveLength(2);
});

test("notifications page, are marked read, and are one's own", async () => {
  const person = await Person.register(relay);
  for (const name of ["one", "two", "three"]) await person.key({ name });
  const first = await person.get("/users/notifications?limit=2");
  expect(first.status, first.text).toBe(200);
  expect(first.body.data.map((each: any) => each.title)).toEqual(["A new API key: three", "A new API key: two"]);
  const second = await person.get(`/users/notifications?limit=2&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ data: [{ title: "A new API key: one", read: false, readAt: null }], nextCursor: null });

  const { id } = first.body.data[0];
  const stranger = await Person.register(relay);
  expect((await stranger.post(`/users/notifications/${id}/read`)).status).toBe(404);
  expect((await person.post(`/users/notifications/${id}/read`)).status).toBe(200);
  expect((await person.post(`/users/notifications/${id}/read`)).status).toBe(200);
  const unread = await person.get("/users/notifications?unread=true");
  expect(unread.body.data.map((each: any) => each.title)).toEqual(["A new API key: two", "A new API key: one"]);
  expect((await person.get("/users/notifications?cursor=nonsense")).body.details[0].field).toBe("cursor");
});

test("preferences switch each kind and each way, but not what protects the account", async () => {
  const person = await Person.register(relay);
  const before = await person.get("/users/preferences");
  expect(before.body.data.notifications).toMatchObject({ keyCreated: { inApp: true, email: true }, limitNear: { inApp: true, email: true } });
  const changed = await person.put("/users/preferences", { notifications: { keyCreated: { inApp: false, email: false }, limitNear: { email: false } } });
  expect(changed.status, changed.text).toBe(200);
  expect(changed.body.data.notifications).toMatchObject({ keyCreated: { inApp: false, email: false }, limitNear: { inApp: true, email: false }, passwordChanged: { inApp: true, email: true } });
  await person.key();
  expect(await kinds(person)).toEqual([]);
  const refused = await person.put("/users/preferences", { notifications: { passwordChanged: { email: false } } });
  expect(refused.status).toBe(400);
  expect(refused.body.details[0].field).toBe("notifications.passwordChanged.email");
  const wrong = await person.put("/users/preferences", { notifications: { keyCreated: { email: "no" } } });
  expect(wrong.body.details[0].field).toBe("notifications.keyCreated.email");
});
