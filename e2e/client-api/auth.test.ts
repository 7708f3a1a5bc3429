// Registering, signing in (encrypted and plain), refreshing, signing out; in the words that clients match.
import { constants, publicEncrypt } from "node:crypto";
import { expect, test } from "vitest";
import { useRelay } from "../support/use";
import { type Answer } from "../support/relay";
import { Person } from "../support/people";

const up = useRelay();
const auth = (call: string, body: unknown = {}, headers: Record<string, string> = {}) => up.relay.post(`/api/client/auth/${call}`, body, headers);
let count = 0;
const someone = () => ({ email: `someone${++count}@example.com`, username: `someone${count}` });
const password = "a perfectly good passphrase";

function expectError(refused: Answer, status: number, error: string, message: string | RegExp) {
  expect(refused.status, refused.text).toBe(status);
  expect(refused.body).toMatchObject({ success: false, error, code: expect.any(String), requestId: expect.stringMatching(/^req_/) });
  if (typeof message === "string") expect(refused.body.message).toBe(message);
  else expect(refused.body.message).toMatch(message);
}

async function encryption() {
  const { body } = await up.relay.get("/api/client/auth/public-key");
  const encrypt = (text: string) => publicEncrypt({ key: body.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(text)).toString("base64");
  return { nonce: body.nonce as string, encrypt, body };
}

test("the public key comes with a nonce and the time", async () => {
  const { body } = await encryption();
  expect(body.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  expect(body.nonce).toMatch(/^[0-9a-f]{64}$/);
  expect(Math.abs(body.timestamp - Date.now())).toBeLessThan(5_000);
  const again = await encryption();
  expect(again.body.publicKey).toBe(body.publicKey);
  expect(again.nonce).not.toBe(body.nonce);
});

test("an encrypted registration and login, one nonce for all fields", async () => {
  const person = someone();
  up.relay.keepSecret(password);
  const first = await encryption();
  const made = await auth("register", { ...person, encryptedPassword: first.encrypt(password), encryptedConfirmPassword: first.encrypt(password), nonce: first.nonce });
  expect(made.status, made.text).toBe(201);
  expect(made.headers.get("deprecation")).toBeNull();
  expect(made.body).toMatchObject({ success: true, token: expect.any(String), refreshToken: expect.any(String), user: { email: person.email } });
  expect(made.body.data.token).toBe(made.body.token);
  expect(made.body.data.user).toEqual(made.body.user);

  const second = await encryption();
  const signedIn = await auth("login", { email: person.email, encryptedPassword: second.encrypt(password), nonce: second.nonce });
  expect(signedIn.status, signedIn.text).toBe(200);
  expect(signedIn.body.data).toMatchObject({ token: expect.any(String), refreshToken: expect.any(String), expiresAt: expect.stringMatching(/Z$/) });
  expect(signedIn.body.token).toBe(signedIn.body.data.token);
});

test("the user object has the contract's fields and none that are secret", async () => {
  const { user } = await Person.register(up.relay);
  expect(user.id).toMatch(/^usr_[0-9A-Z]{26}$/);
  expect(user).toMatchObject({ status: "active", role: "user", emailVerified: false, plan: "free", balance: expect.stringMatching(/^\d+(\.\d+)?$/) });
  for (const field of ["displayName", "usageMonthly", "usageTotal", "settings", "metadata", "createdAt", "updatedAt", "created_at", "updated_at"]) expect(user).toHaveProperty(field);
  expect(user.created_at).toBe(user.createdAt);
  expect(JSON.stringify(user)).not.toMatch(/password|hash/i);
});

test("a nonce works once", async () => {
  const { encrypt, nonce } = await encryption();
  const login = () => auth("login", { email: up.relay.admin.email, encryptedPassword: encrypt(up.relay.admin.password), nonce });
  expect((await login()).status).toBe(200);
  expectError(await login(), 400, "SecurityError", "Invalid or expired request. Please refresh and try again.");
});

test("what cannot be decrypted is a SecurityError", async () => {
  const { nonce } = await encryption();
  const refused = await auth("login", { email: up.relay.admin.email, encryptedPassword: Buffer.alloc(256, 7).toString("base64"), nonce });
  expectError(refused, 400, "SecurityError", "Password decryption failed. Please refresh and try again.");
});

test("a plain password from loopback is accepted and called deprecated", async () => {
  const signedIn = await auth("login", { email: up.relay.admin.email, password: up.relay.admin.password });
  expect(signedIn.status).toBe(200);
  expect(signedIn.headers.get("deprecation")).toMatch(/^@\d+$/);
});

test.each([
  ["register", {}, "Email, username, password and confirmPassword are required"],
  ["register", { email: "a@example.com", username: "aaaa", password: "short", confirmPassword: "short" }, "Password must be at least 8 characters long"],
  ["register", { email: "b@example.com", username: "bbbb", password, confirmPassword: password + "!" }, "Passwords do not match"],
  ["login", { email: "a@example.com" }, "Email and password are required"],
  ["refresh", {}, "Refresh token is required"],
])("%s with %j says what is missing", async (call, body, words) => {
  expectError(await auth(call, body), 400, "ValidationError", words);
});

test("a common password and a broken address are refused by field", async () => {
  const common = await auth("register", { ...someone(), password: "password123", confirmPassword: "password123" });
  expectError(common, 400, "ValidationError", /common|guess/i);
  expect(common.body.details).toEqual([expect.objectContaining({ field: expect.stringMatching(/password/i) })]);
  const address = await auth("register", { email: "not an address", username: "someoneelse", password, confirmPassword: password });
  expectError(address, 400, "ValidationError", /.+/);
  expect(address.body.details[0].field).toBe("email");
});

test("an address or a name that is taken is a conflict", async () => {
  const person = someone();
  const plain = { password, confirmPassword: password };
  expect((await auth("register", { ...person, ...plain })).status).toBe(201);
  expectError(await auth("register", { ...person, username: "another_name", ...plain }), 409, "ConflictError", "Email already registered");
  expectError(await auth("register", { ...person, email: "another@example.com", ...plain }), 409, "ConflictError", "Username already taken");
});

test("a wrong password and an unknown address are refused alike", async () => {
  const wrong = await auth("login", { email: up.relay.admin.email, password: "not the password" });
  const unknown = await auth("login", { email: "nobody@example.com", password: "not the password" });
  for (const refused of [wrong, unknown]) expectError(refused, 401, "Unauthorized", "Invalid credentials");
  expect(wrong.body.code).toBe(unknown.body.code);
});

test("a refresh rotates; the old token used again after its grace ends the family", async () => {
  const person = await Person.register(up.relay);
  const refreshed = await auth("refresh", { refreshToken: person.refreshToken });
  expect(refreshed.status, refreshed.text).toBe(200);
  expect(refreshed.body.data).toMatchObject({ token: expect.any(String), refreshToken: expect.any(String), expiresAt: expect.any(String) });
  expect(refreshed.body.data.refreshToken).not.toBe(person.refreshToken);
  const next = await auth("refresh", { refreshToken: refreshed.body.data.refreshToken });
  expect(next.status).toBe(200);
  // The first token is two rotations old: no parallel refresh, but a thief.
  expectError(await auth("refresh", { refreshToken: person.refreshToken }), 401, "Unauthorized", "Refresh token expired or invalid");
  expectError(await auth("refresh", { refreshToken: next.body.data.refreshToken }), 401, "Unauthorized", "Refresh token expired or invalid");
  expect((await up.relay.get("/api/client/keys", { authorization: `Bearer ${next.body.data.token}` })).status).toBe(401);
});

test("two refreshes at the same time both go on", async () => {
  const person = await Person.register(up.relay);
  const both = await Promise.all([1, 2].map(() => auth("refresh", { refreshToken: person.refreshToken })));
  expect(both.map((each) => each.status)).toEqual([200, 200]);
});

test("a refresh token that nobody made is refused, and is no access token", async () => {
  expectError(await auth("refresh", { refreshToken: "A".repeat(43) }), 401, "Unauthorized", "Refresh token expired or invalid");
  const person = await Person.register(up.relay);
  expect((await up.relay.get("/api/client/keys", { authorization: `Bearer ${person.refreshToken}` })).status).toBe(401);
  expect((await auth("refresh", { refreshToken: person.token })).status).toBe(401);
});

test("logging out works at once; all: true signs out everywhere", async () => {
  const person = await Person.register(up.relay);
  const elsewhere = (await auth("login", { email: person.email, password: person.password })).body.token as string;
  const out = await person.post("/auth/logout");
  expect(out.body).toMatchObject({ success: true, message: "Logged out successfully" });
  expect((await person.get("/keys")).status).toBe(401);
  const there = { authorization: `Bearer ${elsewhere}` };
  expect((await up.relay.get("/api/client/keys", there)).status).toBe(200);
  expect((await auth("logout", { all: true }, there)).status).toBe(200);
  expect((await up.relay.get("/api/client/keys", there)).status).toBe(401);
});

test.each([
  ["no algorithm", { alg: "none", typ: "JWT" }],
  ["another algorithm", { alg: "HS512", typ: "JWT" }],
])("a token with %s is refused", async (_, header) => {
  const person = await Person.register(up.relay);
  const [, claims, signature] = person.token.split(".");
  const forged = [Buffer.from(JSON.stringify(header)).toString("base64url"), claims, header.alg === "none" ? "" : signature].join(".");
  expectError(await up.relay.get("/api/client/keys", { authorization: `Bearer ${forged}` }), 401, "InvalidToken", "Invalid token");
});

test("a token says no more than it has to", async () => {
  const { token } = await Person.register(up.relay);
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
  expect(Object.keys(claims).sort()).toEqual(["aud", "exp", "iat", "iss", "role", "sid", "sub"]);
  expect(claims.exp - claims.iat).toBe(900);
});
