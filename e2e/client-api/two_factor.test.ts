// Two-factor authentication: an authenticator app, recovery codes, and the ticket between the two calls of a login.
import { expect, test } from "vitest";
import { useRelay } from "../support/use";
import { Person } from "../support/people";
import { Authenticator } from "../support/totp";

const up = useRelay(() => ({ env: { RELAY_ENV: "test", BCRYPT_COST: "4" } }));
const auth = (call: string, body: unknown = {}) => up.relay.post(`/api/client/auth/${call}`, body);
const login = (person: Person) => auth("login", { email: person.email, password: person.password });

async function withTwoFactor() {
  const person = await Person.register(up.relay);
  const { secret, otpauthUrl } = (await person.post("/auth/mfa/setup")).body.data;
  up.relay.keepSecret(secret);
  const app = new Authenticator(secret);
  const confirmed = await person.post("/auth/mfa/confirm", { code: app.next() });
  expect(confirmed.status, confirmed.text).toBe(200);
  const codes: string[] = confirmed.body.data.recoveryCodes;
  up.relay.keepSecret(...codes);
  return { person, app, codes, otpauthUrl };
}

async function ticketOf(person: Person): Promise<string> {
  const asked = await login(person);
  expect(asked.status, asked.text).toBe(200);
  return asked.body.data.ticket;
}

test("setting up gives a secret for an app, and changes nothing until a code confirms it", async () => {
  const person = await Person.register(up.relay);
  expect((await person.get("/auth/mfa")).body.data).toEqual({ enabled: false, confirmedAt: null, recoveryCodesLeft: 0 });
  const { data } = (await person.post("/auth/mfa/setup")).body;
  expect(data.secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(data.otpauthUrl);
  expect([uri.protocol, uri.host, uri.searchParams.get("secret"), uri.searchParams.get("issuer")]).toEqual(["otpauth:", "totp", data.secret, "Claude Relay"]);
  expect((await login(person)).body.token).toEqual(expect.any(String));
  const wrong = await person.post("/auth/mfa/confirm", { code: "000000" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toMatchObject({ error: "ValidationError", details: [{ field: "code" }] });
});

test("a login then asks for the second factor and a code completes it", async () => {
  const { person, app } = await withTwoFactor();
  expect((await person.get("/users/profile")).body.data.user.mfaEnabled).toBe(true);
  const asked = await login(person);
  expect(asked.status, asked.text).toBe(200);
  expect(asked.body).toMatchObject({ success: true, code: "mfa_required", data: { code: "mfa_required", mfaRequired: true, methods: ["totp", "recovery_code"] } });
  expect(asked.body.token).toBeUndefined();
  expect(asked.body.data.user).toBeUndefined();
  const { ticket, expiresAt } = asked.body.data;
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(4 * 60_000);

  const code = app.next();
  const wrong = await auth("mfa/verify", { ticket, code: "000000" });
  expect([wrong.status, wrong.body.code]).toEqual([401, "code_invalid"]);
  const signedIn = await auth("mfa/verify", { ticket, code });
  expect(signedIn.status, signedIn.text).toBe(200);
  expect(signedIn.body.data).toMatchObject({ token: expect.any(String), refreshToken: expect.any(String), user: { email: person.email } });
  expect(signedIn.body.token).toBe(signedIn.body.data.token);
  const again = await auth("mfa/verify", { ticket, code: app.next() });
  expect([again.status, again.body.code]).toEqual([401, "ticket_invalid"]);
});

test("a code works once, also for two calls at the same time", async () => {
  const { person, app } = await withTwoFactor();
  const tickets = [await ticketOf(person), await ticketOf(person)];
  const code = app.next();
  const both = await Promise.all(tickets.map((ticket) => auth("mfa/verify", { ticket, code })));
  expect(both.map((each) => each.status).sort()).toEqual([200, 401]);
});

test("a ticket dies of five wrong codes", async () => {
  const { person, app } = await withTwoFactor();
  const ticket = await ticketOf(person);
  const tries = await Promise.all(Array.from({ length: 9 }, () => auth("mfa/verify", { ticket, code: "123456" })));
  expect(tries.filter((each) => each.body.code === "code_invalid").length).toBe(5);
  expect((await auth("mfa/verify", { ticket, code: app.next() })).body.code).toBe("ticket_invalid");
});

test("recovery codes work once each and can be made anew", async () => {
  const { person, codes } = await withTwoFactor();
  expect(new Set(codes).size).toBe(10);
  const use = async (recoveryCode: string) => (await auth("mfa/verify", { ticket: await ticketOf(person), recoveryCode })).status;
  expect(await use(codes[0]!)).toBe(200);
  expect(await use(codes[0]!)).toBe(401);
  expect((await person.get("/auth/mfa")).body.data).toMatchObject({ enabled: true, recoveryCodesLeft: 9 });
  expect((await person.post("/auth/mfa/recovery-codes")).status).toBe(400);
  const renewed = await person.post("/auth/mfa/recovery-codes", { password: person.password });
  expect(renewed.status, renewed.text).toBe(200);
  expect(await use(codes[1]!)).toBe(401);
  expect(await use(renewed.body.data.recoveryCodes[1])).toBe(200);
});

test("turning it off takes a code or the password, and both can be wrong", async () => {
  const { person, app } = await withTwoFactor();
  expect((await person.post("/auth/mfa/disable")).body).toMatchObject({ error: "ValidationError", details: [{ field: "code" }] });
  expect((await person.post("/auth/mfa/disable", { code: "000000" })).status).toBe(401);
  expect((await person.post("/auth/mfa/disable", { password: "not the password" })).body.message).toBe("Invalid credentials");
  expect((await person.post("/auth/mfa/disable", { code: app.next() })).status).toBe(200);
  expect((await login(person)).body.token).toEqual(expect.any(String));
  expect((await up.relay.post("/api/client/auth/mfa/setup", {})).status).toBe(401);
});
