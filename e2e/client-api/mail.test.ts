// Mails arrive at a real server, their links work once, and passwords are set anew with them.
import { execFile } from "node:child_process";
import { constants, publicEncrypt } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linkIn, MailServer, tokenIn } from "../support/mail_server";
import { Person } from "../support/people";
import { Relay } from "../support/relay";

const credentials = { user: "relay@example.com", password: "p:a/s%s@word" };
const cheap = { RELAY_ENV: "test", BCRYPT_COST: "4", SMTP_FROM: "Claude Relay <relay@example.com>" };
const next = "an even better passphrase";
let folder: string;
let mail: MailServer;
let relay: Relay;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-mail-"));
  const certificate = { key: join(folder, "mail.key"), cert: join(folder, "mail.pem") };
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", certificate.key, "-out", certificate.cert],
  ]);
  mail = await MailServer.start({ certificate, login: credentials });
  const secret = `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
  relay = await Relay.start({ env: { ...cheap, SMTP_URL: mail.url(secret), SMTP_CA_FILE: certificate.cert } });
  relay.keepSecret(credentials.password, next);
});
afterAll(async () => {
  await relay?.stop();
  await mail?.stop();
  await rm(folder, { recursive: true, force: true });
});

const auth = (call: string, body: unknown = {}) => relay.post(`/api/client/auth/${call}`, body);
const login = (email: string, password: string) => auth("login", { email, password });
const forgotten = "If the email exists, a password reset link has been sent";

async function resetToken(person: Person, count = 1): Promise<string> {
  expect((await auth("forgot-password", { email: person.email })).body).toMatchObject({ success: true, message: forgotten });
  const token = tokenIn(await mail.arrives(person.email, /reset your password/i, count));
  relay.keepSecret(token);
  return token;
}

async function encryption() {
  const { body } = await relay.get("/api/client/auth/public-key");
  const encrypt = (text: string) => publicEncrypt({ key: body.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(text)).toString("base64");
  return { nonce: body.nonce as string, encrypt };
}

test("a registration sends a link, over TLS and signed in; the link's page and its token work", async () => {
  const person = await Person.register(relay);
  const sent = await mail.arrives(person.email, /verify/i);
  expect(sent.secure).toBe(true);
  expect(sent.user).toBe(credentials.user);
  expect(sent.from_).toBe("relay@example.com");
  expect(sent.from?.text).toBe('"Claude Relay" <relay@example.com>');
  expect(sent.headers.get("auto-submitted")).toBe("auto-generated");
  const link = linkIn(sent);
  expect(link.origin).toBe(relay.url);
  expect(sent.html).toContain(link.href);

  const page = await fetch(link);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(page.headers.get("content-security-policy")).not.toMatch(/unsafe|\*|https?:/);
  expect(await page.text()).not.toMatch(/(src|href)=/);
  expect((await person.get("/users/profile")).body.data.user.emailVerified).toBe(false); // looking uses nothing up

  const verified = await auth("verify-email", { token: tokenIn(sent) });
  expect(verified.body).toMatchObject({ success: true, message: "Email verified successfully" });
  expect((await person.get("/users/profile")).body.data.user.emailVerified).toBe(true);
  const again = await auth("verify-email", { token: tokenIn(sent) });
  expect(again.body).toMatchObject({ success: false, error: "ValidationError", details: [{ field: "token" }] });
});

test("resend answers alike for every address, and only the last link works", async () => {
  const person = await Person.register(relay);
  const first = tokenIn(await mail.arrives(person.email, /verify/i));
  const known = await auth("resend-verification", { email: person.email });
  const unknown = await auth("resend-verification", { email: "nobody@example.com" });
  expect(known.status).toBe(200);
  expect(unknown.body).toEqual(known.body);
  const second = tokenIn(await mail.arrives(person.email, /verify/i, 2));
  expect((await auth("verify-email", { token: first })).status).toBe(400);
  expect((await auth("verify-email", { token: second })).status).toBe(200);
  expect(mail.to("nobody@example.com")).toEqual([]);
  expect((await auth("resend-verification", { email: "no address" })).body.details[0].field).toBe("email");
});

test("a forgotten password is set anew: all sessions end, the link works once", async () => {
  const person = await Person.register(relay);
  const unknown = await auth("forgot-password", { email: "nobody@example.com" });
  expect(unknown.body).toMatchObject({ success: true, message: forgotten });
  const token = await resetToken(person);

  const weak = await auth("reset-password", { token, password: "short", confirmPassword: "short" });
  expect(weak.body).toMatchObject({ error: "ValidationError", message: "Password must be at least 8 characters long" });
  const differ = await auth("reset-password", { token, password: next, confirmPassword: next + "!" });
  expect(differ.body.message).toBe("Passwords do not match");
  const reset = await auth("reset-password", { token, password: next, confirmPassword: next });
  expect(reset.status, reset.text).toBe(200);
  expect(reset.body.message).toBe("Password reset successfully");
  expect(reset.headers.get("deprecation")).toMatch(/^@\d+$/);

  expect((await person.get("/users/profile")).status).toBe(401);
  expect((await auth("refresh", { refreshToken: person.refreshToken })).status).toBe(401);
  expect((await login(person.email, person.password)).status).toBe(401);
  expect((await login(person.email, next)).body.data.user.emailVerified).toBe(true); // the link went there
  const again = await auth("reset-password", { token, password: next });
  expect(again.body).toMatchObject({ error: "ValidationError", details: [{ field: "token" }] });
  await mail.arrives(person.email, /password was changed/i);
});

test("an encrypted reset; a newer link kills the older, and no token serves another purpose", async () => {
  const person = await Person.register(relay);
  const verify = tokenIn(await mail.arrives(person.email, /verify/i));
  const older = await resetToken(person);
  const newer = await resetToken(person, 2);
  const fields = async (token: string) => {
    const { nonce, encrypt } = await encryption();
    return { token, encryptedPassword: encrypt(next), encryptedConfirmPassword: encrypt(next), nonce };
  };
  expect((await auth("reset-password", await fields(older))).status).toBe(400);
  expect((await auth("reset-password", await fields(verify))).status).toBe(400);
  expect((await auth("verify-email", { token: newer })).status).toBe(400);
  const reset = await auth("reset-password", await fields(newer));
  expect(reset.status, reset.text).toBe(200);
  expect(reset.headers.get("deprecation")).toBeNull();
  expect((await login(person.email, next)).status).toBe(200);
});

test("two uses of one reset link at once: one passes", async () => {
  const person = await Person.register(relay);
  const token = await resetToken(person);
  const both = await Promise.all([1, 2].map(() => auth("reset-password", { token, password: next })));
  expect(both.map((each) => each.status).sort()).toEqual([200, 400]);
});

test("change-password wants the current one, ends the other sessions and keeps this one", async () => {
  const person = await Person.register(relay);
  const other = { authorization: `Bearer ${(await login(person.email, person.password)).body.data.token}` };
  const wrong = await person.post("/auth/change-password", { currentPassword: "not this one", newPassword: next, confirmPassword: next });
  expect(wrong.status).toBe(401);
  expect(wrong.body.message).toBe("Invalid credentials");
  expect((await person.post("/auth/change-password", { newPassword: next })).body.details[0].field).toBe("currentPassword");
  const weak = await person.post("/auth/change-password", { currentPassword: person.password, newPassword: "short" });
  expect(weak.body.details[0].field).toBe("newPassword");
  const changed = await person.post("/auth/change-password", { currentPassword: person.password, newPassword: next, confirmPassword: next });
  expect(changed.status, changed.text).toBe(200);
  expect((await relay.get("/api/client/keys", other)).status).toBe(401);
  expect((await person.get("/keys")).status).toBe(200);
  expect((await login(person.email, person.password)).status).toBe(401);
  await mail.arrives(person.email, /password was changed/i);

  const { nonce, encrypt } = await encryption();
  const back = { encryptedCurrentPassword: encrypt(next), encryptedNewPassword: encrypt(person.password), nonce };
  expect((await person.post("/auth/change-password", back)).status).toBe(200);
  expect((await login(person.email, person.password)).status).toBe(200);
  expect((await person.post("/auth/change-password", back)).body.error).toBe("SecurityError"); // the nonce is used up
});

test("what the server can't take now comes later, and once", async () => {
  mail.refusals.push({ at: "recipient", code: 451 }, { at: "data", code: 452 });
  const person = await Person.register(relay);
  await mail.arrives(person.email, /verify/i);
  expect(mail.refusals).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(mail.to(person.email)).toHaveLength(1);
});

test("what the server never takes is not tried again", async () => {
  mail.refusals.push({ at: "recipient", code: 550 });
  const before = mail.tries;
  const person = await Person.register(relay);
  const other = await Person.register(relay);
  await mail.arrives(other.email, /verify/i);
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // past the first retry
  expect(mail.to(person.email)).toEqual([]);
  expect(mail.tries - before).toBe(2);
});

test("mails wait for a server that is away, and over a restart of the relay", async () => {
  const place = await mkdtemp(join(tmpdir(), "relay-mail-away-"));
  const away = await MailServer.start();
  await away.stop();
  const env = { ...cheap, SMTP_URL: away.url() };
  const first = await Relay.start({ folder: place, env });
  const person = await Person.register(first);
  await first.stop();
  const back = await MailServer.start({ port: away.port });
  const second = await Relay.start({ folder: place, env });
  const token = tokenIn(await back.arrives(person.email, /verify/i));
  expect((await second.post("/api/client/auth/verify-email", { token })).status).toBe(200);
  expect(back.mails).toHaveLength(1);
  await second.stop();
  await back.stop();
  await rm(place, { recursive: true });
});

test("with no mail server the link goes to the log, but never in production", async () => {
  for (const environment of ["development", "production"]) {
    const place = await mkdtemp(join(tmpdir(), "relay-mail-none-"));
    const bare = await Relay.start({ folder: place, env: { RELAY_ENV: environment } });
    const person = await Person.register(bare);
    const limit = performance.now() + 5_000;
    const log = async () => (await readFile(join(place, "logs/claude-relay-current.log"), "utf8")) + bare.process.stderr;
    while (!(await log()).includes("delivery") && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await log()).toContain("SMTP_URL is not set");
    const link = /http:\/\/[^\s"]+\/verify-email\?token=([\w-]+)/.exec(await log());
    if (environment === "production") expect(link).toBeNull();
    else expect((await bare.post("/api/client/auth/verify-email", { token: link![1] })).status).toBe(200);
    expect((await person.get("/users/profile")).body.data.user.emailVerified).toBe(environment !== "production");
    await bare.stop();
    await rm(place, { recursive: true });
  }
});

test("a key that expires soon is told at the next look", async () => {
  const place = await mkdtemp(join(tmpdir(), "relay-mail-expiry-"));
  const first = await Relay.start({ folder: place, env: cheap });
  const person = await Person.register(first);
  await person.key({ name: "soon over", expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString() });
  await person.key({ name: "long lived", expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString() });
  await first.stop();
  const second = await Relay.start({ folder: place, env: cheap });
  const bearer = { authorization: `Bearer ${person.token}` };
  const expiring = async () =>
    (await second.get("/api/client/users/notifications", bearer)).body.data.filter((each: any) => each.kind === "key_expiring");
  const limit = performance.now() + 5_000;
  while ((await expiring()).length === 0 && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await expiring()).map((each: any) => each.title)).toEqual(["API key soon over expires soon"]);
  await second.stop();
  await rm(place, { recursive: true });
});
