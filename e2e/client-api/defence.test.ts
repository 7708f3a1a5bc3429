// What strangers may try: limits and their waits, proxies, headers, origins, and a full password pool.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../support/people";
import { Relay, type Answer } from "../support/relay";

const proxied = { TRUSTED_PROXIES: "127.0.0.1", RELAY_ENV: "test", BCRYPT_COST: "4", ALLOW_PLAINTEXT_PASSWORDS: "true", ALLOWED_ORIGINS: "https://app.example.com" };
let relay: Relay;
beforeAll(async () => {
  relay = await Relay.start({ env: { ...proxied, AUTH_LIMIT_PER_ADDRESS: "12" } });
});
afterAll(() => relay?.stop());

let addresses = 0;
const someAddress = () => `198.51.${Math.floor(++addresses / 250)}.${addresses % 250}`;
const from = (address: string) => ({ "x-forwarded-for": address });
const auth = (call: string, body: unknown, address: string) => relay.post(`/api/client/auth/${call}`, body, from(address));

let people = 0;
async function somebody(address: string) {
  const name = `guarded${++people}`;
  const password = `a passphrase of ${name}`;
  const made = await auth("register", { email: `${name}@example.com`, username: name, password }, address);
  expect(made.status, made.text).toBe(201);
  return { email: `${name}@example.com`, password, token: made.body.token as string, refreshToken: made.body.refreshToken as string };
}

function expectWait(refused: Answer) {
  expect(refused.status, refused.text).toBe(429);
  expect(refused.body).toMatchObject({ error: "TooManyRequests", code: "too_many_attempts" });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
}

test.each([
  ["login", (n: number) => ({ email: `nobody${n}@example.com`, password: "not the password" })],
  ["register", (n: number) => ({ email: `newcomer${n}@example.com`, username: `newcomer${n}`, password: "short" })],
  ["refresh", (n: number) => ({ refreshToken: `crt_${n}` })],
  ["verify-email", (n: number) => ({ token: `token${n}` })],
  ["restore-email", (n: number) => ({ token: `token${n}` })],
  ["resend-verification", (n: number) => ({ email: `nobody${n}@example.com` })],
  ["forgot-password", (n: number) => ({ email: `nobody${n}@example.com` })],
  ["reset-password", (n: number) => ({ token: `token${n}`, password: "a passphrase of somebody" })],
  ["mfa/verify", (n: number) => ({ ticket: `mft_${n}`, code: "123456" })],
  ["oauth/exchange", (n: number) => ({ code: `oac_${n}` })],
])("%s is limited for an address, whatever account it names", async (call, body) => {
  const address = someAddress();
  for (let n = 0; n < 12; ++n) expect((await auth(call, body(n), address)).status).not.toBe(429);
  expectWait(await auth(call, body(12), address));
  expect((await auth(call, body(13), someAddress())).status).not.toBe(429);
});

test("login is limited for one account from one address sooner, and a success counts anew", async () => {
  const owner = await somebody(someAddress());
  const address = someAddress();
  const login = (password: string) => auth("login", { email: owner.email, password }, address);
  for (let n = 0; n < 3; ++n) expect((await login("wrong password")).status).toBe(401);
  expect((await login(owner.password)).status).toBe(200);
  for (let n = 0; n < 4; ++n) expect((await login("wrong password")).status).toBe(401);
  expectWait(await login(owner.password));
});

test("strangers slow each other down at an account, but not its owner, whether it exists or not", async () => {
  const home = someAddress();
  const owner = await somebody(home);
  for (const email of [owner.email, "nobody.at.all@example.com"]) {
    const tries = await Promise.all(Array.from({ length: 40 }, () => auth("login", { email, password: "wrong password" }, someAddress())));
    expect(tries.filter((each) => each.status === 401).length).toBe(24);
    // They came at one time: which of them were refused is not said.
    for (const refused of tries.filter((each) => each.status !== 401)) expectWait(refused);
  }
  const atHome = await auth("login", { email: owner.email, password: owner.password }, home);
  expect(atHome.status, atHome.text).toBe(200);
  expect((await relay.get("/api/client/keys", { authorization: `Bearer ${owner.token}` })).status).toBe(200);
  expect((await auth("refresh", { refreshToken: owner.refreshToken }, someAddress())).status).toBe(200);
});

test("an address is the right-most hop that no trusted proxy has; IPv6 counts by its /64, a mapped one as IPv4", async () => {
  const spend = async (address: () => string) => {
    const statuses = [];
    for (let n = 0; n < 13; ++n) statuses.push((await auth("refresh", { refreshToken: `crt_x${n}` }, address())).status);
    return statuses.at(-1);
  };
  expect(await spend(() => `${someAddress()}, 203.0.113.1`)).toBe(429);
  expect((await auth("refresh", { refreshToken: "crt_y" }, "::ffff:203.0.113.1")).status).toBe(429);
  expect((await auth("refresh", { refreshToken: "crt_y" }, "203.0.113.1, 127.0.0.1")).status).toBe(429);
  let host = 0;
  expect(await spend(() => `2001:db8:0:1::${++host}`)).toBe(429);
  expect((await auth("refresh", { refreshToken: "crt_y" }, "2001:db8:0:2::1")).status).toBe(401);
});

test("a peer that is no trusted proxy cannot name another address", async () => {
  const strict = await Relay.start({ env: { ...proxied, TRUSTED_PROXIES: "", AUTH_LIMIT_PER_ADDRESS: "3" } });
  try {
    const tries = [];
    for (let n = 0; n < 4; ++n) tries.push(await strict.post("/api/client/auth/refresh", { refreshToken: `crt_${n}` }, from(someAddress())));
    expect(tries.map((each) => each.status)).toEqual([401, 401, 401, 429]);
  } finally {
    await strict.stop();
  }
});

test("a full password pool is a 503 with Retry-After, at once, and nothing else stops", async () => {
  const busy = await Relay.start({ env: { RELAY_ENV: "test", BCRYPT_COST: "9" } });
  try {
    const person = await Person.register(busy);
    const tries = Array.from({ length: 160 }, (_, n) => busy.post("/api/client/auth/login", { email: `crowd${n}@example.com`, password: "not the password" }));
    const alive = await person.get("/users/profile");
    expect(alive.status).toBe(200);
    const answers = await Promise.all(tries);
    const refused = answers.filter((each) => each.status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(66);
    expect(refused[0]!.body).toMatchObject({ error: "ServiceUnavailable", code: "busy" });
    expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThan(0);
  } finally {
    await busy.stop();
  }
});

const everyAnswer: [string, string, unknown?][] = [
  ["GET", "/api/client/auth/public-key"],
  ["GET", "/api/client/keys"],
  ["POST", "/api/client/auth/login", "not json"],
  ["GET", "/api/client/nowhere"],
  ["PUT", "/api/client/auth/login", {}],
  ["POST", "/api/client/auth/login", "x".repeat(1_100_000)],
  ["GET", "/docs"],
  ["GET", "/openapi.json"],
];
test.each(everyAnswer)("%s %s has the headers that protect a browser", async (method, path, body) => {
  const { headers } = await relay.request(method, path, body);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
  expect(headers.get("content-security-policy")).not.toMatch(/unsafe/);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe(method === "GET" && /^\/(docs|openapi)/.test(path) ? "no-cache" : "no-store");
  expect(headers.get("strict-transport-security")).toBeNull();
  expect(headers.get("set-cookie")).toBeNull();
});

test("over TLS, also a trusted proxy's, browsers are told to stay there", async () => {
  const over = await relay.get("/health", { "x-forwarded-proto": "https" });
  expect(over.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8,}/);
});

test("origins that are allowed may call, others not, and caches know the difference", async () => {
  const ask = (origin: string) => relay.request("OPTIONS", "/api/client/auth/login", undefined, { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" });
  const allowed = await ask("https://app.example.com");
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, "https://app.example.com"]);
  expect(allowed.headers.get("access-control-allow-methods")).toContain("POST");
  expect(allowed.headers.get("access-control-allow-headers")).toMatch(/authorization/i);
  expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
  for (const origin of ["https://app.example.com.evil.example", "http://app.example.com", "null"]) {
    const refused = await ask(origin);
    expect(refused.headers.get("access-control-allow-origin"), origin).toBeNull();
    expect(refused.headers.get("vary")).toMatch(/Origin/);
  }
  const answer = await relay.get("/api/client/auth/public-key", { origin: "https://app.example.com" });
  expect([answer.headers.get("access-control-allow-origin"), answer.headers.get("vary")]).toEqual(["https://app.example.com", "Origin"]);
});
