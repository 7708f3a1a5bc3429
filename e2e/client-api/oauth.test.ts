// Signing in elsewhere: OpenID Connect with a certified provider, GitHub, and everything a liar may try.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Browser, type Page } from "../support/browser";
import { CertifiedProvider, client, FakeGitHub, LyingIssuer, strangersKey } from "../support/identity_providers";
import { Person } from "../support/people";
import { Relay } from "../support/relay";
import { Authenticator } from "../support/totp";

const page = "http://app.example.test/signed-in";
const quick = { RELAY_ENV: "test", BCRYPT_COST: "4", ALLOW_PRIVATE_UPSTREAMS: "true", ALLOWED_ORIGINS: "http://app.example.test" };
const oidcEnv = (issuer: string) => ({ ...quick, OAUTH_OIDC_ISSUER: issuer, OAUTH_OIDC_CLIENT_ID: client.id, OAUTH_OIDC_CLIENT_SECRET: client.secret, OAUTH_OIDC_NAME: "Example" });
const start = (relay: Relay, provider: string, query = "") => `${relay.url}/api/client/auth/oauth/${provider}${query}`;
const exchange = (relay: Relay, body: object) => relay.post("/api/client/auth/oauth/exchange", body);

function signedIn(arrived: Page) {
  expect(arrived.status, arrived.text).toBe(200);
  expect(arrived.headers.get("cache-control")).toBe("no-store");
  return arrived.body.data;
}

describe("a certified OpenID provider", () => {
  const provider = new CertifiedProvider();
  let relay: Relay;
  let callback: string;
  beforeAll(async () => {
    await provider.listen();
    relay = await Relay.start({ env: oidcEnv(provider.url) });
    callback = start(relay, "oidc", "/callback");
    await provider.serve(callback);
    relay.keepSecret(client.secret);
  });
  afterAll(async () => {
    await relay?.stop();
    await provider.stop();
  });

  /** The whole way of one person; what the callback answers. */
  async function come(sub: string, browser = new Browser(), query = "") {
    const left = await browser.go(start(relay, "oidc", query));
    expect(left.status, left.text).toBe(302);
    const back = await provider.signIn(browser, left.headers.get("location")!, sub, callback);
    return { browser, back, arrived: await browser.go(back) };
  }
  /** The same, of a program that keeps a secret and gets a code. */
  async function comeForCode(sub: string) {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const { arrived } = await come(sub, new Browser(), `?challenge=${challenge}`);
    expect(arrived.status, arrived.text).toBe(200);
    expect(arrived.text).not.toMatch(/refreshToken|"token"/);
    return { code: arrived.body.data.code, verifier };
  }
  const person = (sub: string, email: string, email_verified = true) => provider.people.set(sub, { sub, email, email_verified, name: `Name of ${sub}`, preferred_username: sub });

  test("is listed for the sign-in page", async () => {
    expect((await relay.get("/api/client/auth/oauth")).body.data.providers).toEqual([{ id: "oidc", name: "Example" }]);
    expect((await relay.get("/api/client/auth/oauth/google")).status).toBe(404);
  });

  test("signs a new person in, and the same one again", async () => {
    person("newcomer", "newcomer@example.com");
    const { browser, arrived } = await come("newcomer");
    const first = signedIn(arrived);
    expect(browser.cookies(relay.url).size).toBe(0);
    expect(first.user).toMatchObject({ email: "newcomer@example.com", emailVerified: true, username: "newcomer", displayName: "Name of newcomer" });
    expect((await relay.get("/api/client/users/profile", { authorization: `Bearer ${first.token}` })).body.data.user.id).toBe(first.user.id);

    // The provider's word for the person is what counts, not the address, which may change.
    person("newcomer", "renamed@example.com", false);
    const second = signedIn((await come("newcomer")).arrived);
    expect(second.user.id).toBe(first.user.id);
    const links = await relay.get("/api/client/auth/identities", { authorization: `Bearer ${second.token}` });
    expect(links.body.data.identities).toMatchObject([{ provider: "oidc", email: "renamed@example.com" }]);
    const id = links.body.data.identities[0].id;
    const last = await relay.request("DELETE", `/api/client/auth/identities/${id}`, undefined, { authorization: `Bearer ${second.token}` });
    expect([last.status, last.body.code]).toEqual([409, "last_way_in"]);
  });

  test("links an existing account by its verified address", async () => {
    person("boss", relay.admin.email);
    const { user } = signedIn((await come("boss")).arrived);
    expect(user).toMatchObject({ email: relay.admin.email, role: "admin" });
    const admin = await Person.admin(relay); // the password still works
    const [link] = (await admin.get("/auth/identities")).body.data.identities;
    expect((await admin.delete(`/auth/identities/${link.id}`)).status).toBe(200);
    expect((await admin.delete(`/auth/identities/${link.id}`)).status).toBe(404);
  });

  test("does not link, and makes no account, by an address that is not verified", async () => {
    for (const email of [relay.admin.email, "unproven@example.com"]) {
      person("unproven", email, false);
      const { arrived } = await come("unproven");
      expect([arrived.status, arrived.body.code]).toEqual([403, "email_not_verified"]);
    }
  });

  test("takes over an account whose own address nobody proved: what its maker held ends", async () => {
    const squatter = await Person.register(relay);
    const key = await squatter.key();
    person("owner", squatter.email);
    const { user, token } = signedIn((await come("owner")).arrived);
    expect(user).toMatchObject({ id: squatter.user.id, emailVerified: true });
    expect((await squatter.get("/keys")).status).toBe(401);
    expect((await relay.post("/api/client/auth/refresh", { refreshToken: squatter.refreshToken })).status).toBe(401);
    expect((await relay.post("/api/client/auth/login", { email: squatter.email, password: squatter.password })).status).toBe(401);
    expect((await relay.post("/v1/messages", {}, { "x-api-key": key.key })).status).toBe(401);
    expect((await relay.get("/api/client/keys", { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  test("asks for the second factor after it", async () => {
    person("careful", "careful@example.com");
    const { token } = signedIn((await come("careful")).arrived);
    const bearer = { authorization: `Bearer ${token}` };
    const app = new Authenticator((await relay.post("/api/client/auth/mfa/setup", {}, bearer)).body.data.secret);
    expect((await relay.post("/api/client/auth/mfa/confirm", { code: app.next() }, bearer)).status).toBe(200);
    const asked = signedIn((await come("careful")).arrived);
    expect(asked).toMatchObject({ code: "mfa_required" });
    const done = await relay.post("/api/client/auth/mfa/verify", { ticket: asked.ticket, code: app.next() });
    expect(done.body.data.user.email).toBe("careful@example.com");
  });

  test("tells of a sign-in from a device that was not seen before, with a second factor too", async () => {
    person("watchful", "watchful@example.com");
    const arriveWith = async (agent: string) => {
      const { code, verifier } = await comeForCode("watchful");
      const answer = await relay.post("/api/client/auth/oauth/exchange", { code, verifier }, { "user-agent": agent });
      return answer.body.data;
    };
    const told = async (token: string) => (await relay.get("/api/client/users/notifications", { authorization: `Bearer ${token}` })).body.data.filter((each: any) => each.kind === "new_sign_in").length;
    const { token } = await arriveWith("curl/8.0");
    expect(await told(token)).toBe(0); // the first device of all
    await arriveWith("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0");
    expect(await told(token)).toBe(1);
    const bearer = { authorization: `Bearer ${token}` };
    const app = new Authenticator((await relay.post("/api/client/auth/mfa/setup", {}, bearer)).body.data.secret);
    await relay.post("/api/client/auth/mfa/confirm", { code: app.next() }, bearer);
    const { ticket } = await arriveWith("curl/8.0");
    const phone = { "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1" };
    expect((await relay.post("/api/client/auth/mfa/verify", { ticket, code: app.next() }, phone)).status).toBe(200);
    expect(await told(token)).toBe(2);
  });

  test("a state works once, in the browser that it was given to", async () => {
    person("hunted", "hunted@example.com");
    const browser = new Browser();
    const left = await browser.go(start(relay, "oidc"));
    const back = await provider.signIn(browser, left.headers.get("location")!, "hunted", callback);
    const elsewhere = await new Browser().go(back);
    expect([elsewhere.status, elsewhere.body.error, elsewhere.body.code]).toEqual([400, "SecurityError", "state_invalid"]);
    expect((await browser.go(back)).status).toBe(200); // the stranger's try did not use it up
    const replayed = await browser.go(back);
    expect([replayed.status, replayed.body.code]).toEqual([400, "state_invalid"]);
    expect((await browser.go(`${callback}?code=x&state=made-up`)).body.code).toBe("state_invalid");
  });

  test("gives a code that works once, and only with the secret behind the challenge", async () => {
    person("program", "program@example.com");
    const good = await comeForCode("program");
    const answer = await exchange(relay, good);
    expect([answer.status, answer.body.data.user.email]).toEqual([200, "program@example.com"]);
    const again = await exchange(relay, good);
    expect([again.status, again.body.code]).toEqual([401, "code_invalid"]);
    const { code } = await comeForCode("program");
    expect((await exchange(relay, { code })).status).toBe(401);
  });

  test("goes back to an allowed page with the code in the fragment, which only that page can exchange", async () => {
    person("pageuser", "pageuser@example.com");
    const browser = new Browser();
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const left = await browser.go(start(relay, "oidc", `?${new URLSearchParams({ redirect: page, challenge })}`));
    const back = await provider.signIn(browser, left.headers.get("location")!, "pageuser", callback);
    const sent = await browser.go(back);
    expect(sent.status, sent.text).toBe(303);
    const location = new URL(sent.headers.get("location")!);
    expect([location.origin + location.pathname, location.search]).toEqual([page, ""]);
    expect(sent.headers.get("referrer-policy")).toBe("no-referrer");
    expect(sent.headers.get("cache-control")).toBe("no-store");
    const code = new URLSearchParams(location.hash.slice(1)).get("code")!;
    expect((await exchange(relay, { code, verifier: "guessed" })).status).toBe(401);
    expect((await exchange(relay, { code, verifier })).status).toBe(401); // the wrong try used it up
    const again = await browser.go(start(relay, "oidc", `?${new URLSearchParams({ redirect: page, challenge })}`));
    const refused = await browser.go(`${callback}?${new URLSearchParams({ error: "access_denied", state: new URL(again.headers.get("location")!).searchParams.get("state")! })}`);
    expect(refused.headers.get("location")).toMatch(/#error=oauth_denied&message=/);
  });

  test.each([
    ["another origin", "http://evil.example.test/"],
    ["an origin that only begins alike", "http://app.example.test.evil.example/"],
    ["a user in front of the host", "http://app.example.test@evil.example/"],
    ["a backslash", "http://app.example.test\\@evil.example/"],
    ["another scheme", "javascript:alert(1)//"],
    ["a fragment", `${page}#x`],
    ["a line break", `${page}\r\nset-cookie: a=b`],
  ])("does not go on to %s", async (_, redirect) => {
    const challenge = "A".repeat(43);
    const refused = await new Browser().go(start(relay, "oidc", `?${new URLSearchParams({ redirect, challenge })}`));
    expect([refused.status, refused.body?.details?.[0]?.field]).toEqual([400, "redirect"]);
  });

  test("sends the browser off with PKCE, state and nonce, and a cookie that scripts and other sites do not get", async () => {
    const left = await new Browser().go(start(relay, "oidc"));
    const asked = new URL(left.headers.get("location")!).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ response_type: "code", client_id: client.id, redirect_uri: callback, scope: "openid email profile", code_challenge_method: "S256" });
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(left.headers.get("set-cookie")).toMatch(/^relay_oauth_\w+=[\w-]{43}; Path=\/api\/client\/auth\/oauth; Max-Age=600; HttpOnly; SameSite=Lax$/);
  });
});

describe("GitHub", () => {
  const github = new FakeGitHub();
  let relay: Relay;
  beforeAll(async () => {
    await github.listen();
    relay = await Relay.start({ env: { ...quick, OAUTH_GITHUB_CLIENT_ID: client.id, OAUTH_GITHUB_CLIENT_SECRET: client.secret, OAUTH_GITHUB_URL: github.url, OAUTH_GITHUB_API_URL: `${github.url}/api/v3` } });
  });
  afterAll(async () => {
    await relay?.stop();
    await github.stop();
  });

  test("signs in with the primary address that GitHub has verified", async () => {
    const primary = { email: "octocat@example.com", primary: true, verified: true, visibility: "private" };
    github.emails = [{ ...primary, email: "other@example.com", primary: false }, primary];
    const arrived = await new Browser().follow(start(relay, "github"));
    expect(arrived.status, arrived.text).toBe(200);
    expect(github.asked!.get("scope")).toBe("read:user user:email");
    const { user } = signedIn(arrived);
    expect(user).toMatchObject({ email: "octocat@example.com", username: "octocat", displayName: "The Octocat" });
  });

  test("refuses somebody whose primary address is not verified", async () => {
    github.user = { ...github.user, id: 1 };
    github.emails = [{ email: relay.admin.email, primary: true, verified: false, visibility: "public" }];
    const arrived = await new Browser().follow(start(relay, "github"));
    expect([arrived.status, arrived.body.code]).toEqual([403, "email_not_verified"]);
  });
});

describe("an issuer that lies", () => {
  const issuer = new LyingIssuer();
  let relay: Relay;
  beforeAll(async () => {
    await issuer.listen();
    relay = await Relay.start({ env: oidcEnv(issuer.url) });
  });
  beforeEach(() => {
    issuer.lie = {};
  });
  afterAll(async () => {
    await relay?.stop();
    await issuer.stop();
  });
  const come = () => new Browser().follow(start(relay, "oidc"));

  test("is believed when it does not", async () => {
    expect((await come()).status).toBe(200);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const unsigned = (token: string) => token.slice(0, token.lastIndexOf(".") + 1);
  test.each<[string, LyingIssuer["lie"]]>([
    ["another nonce", { claims: (claims) => ({ ...claims, nonce: "another" }) }],
    ["no nonce", { claims: ({ nonce: _, ...claims }) => claims }],
    ["another audience", { claims: (claims) => ({ ...claims, aud: "somebody else" }) }],
    ["us among others, without azp", { claims: (claims) => ({ ...claims, aud: [client.id, "somebody else"] }) }],
    ["another authorized party", { claims: (claims) => ({ ...claims, azp: "somebody else" }) }],
    ["another issuer", { claims: (claims) => ({ ...claims, iss: "https://accounts.google.com" }) }],
    ["a time that is over", { claims: (claims) => ({ ...claims, exp: now() - 120 }) }],
    ["no end", { claims: ({ exp: _, ...claims }) => claims }],
    ["a token from the future", { claims: (claims) => ({ ...claims, iat: now() + 600 }) }],
    ["an old token", { claims: (claims) => ({ ...claims, iat: now() - 3600 }) }],
    ["no subject", { claims: ({ sub: _, ...claims }) => claims }],
    ["a stranger's signature", { key: strangersKey() }],
    ["no signature", { header: { alg: "none" }, token: unsigned }],
    ["an empty signature", { token: unsigned }],
    ["a changed payload", { token: (token) => token.replace(/\.(.)/, (_, letter) => `.${letter === "e" ? "f" : "e"}`) }],
    ["the public key as an HMAC secret", { header: { alg: "HS256" }, token: (token) => `${token.slice(0, token.lastIndexOf("."))}.${createHmac("sha256", "any").update(token.slice(0, token.lastIndexOf("."))).digest("base64url")}` }],
    ["another algorithm for its key", { header: { alg: "PS256" } }],
    ["a critical extension", { header: { crit: ["b64"], b64: false } }],
    ["an unknown key", { header: { kid: "k0" } }],
    ["a code of another issuer", { iss: "https://accounts.google.com" }],
    ["user info about somebody else", { claims: ({ email: _, ...claims }) => claims, userinfo: { sub: "somebody else" } }],
    ["no token at all", { token: () => "" }],
  ])("is refused with %s", async (_, lie) => {
    issuer.lie = lie;
    const arrived = await come();
    expect([arrived.status, arrived.body.code], arrived.text).toEqual([401, "oauth_failed"]);
  });

  test("is asked for its keys at most once a minute, however many tokens nobody signed come", () => {
    expect(issuer.fetchedKeys).toBe(1);
  });
});

test("a discovery document must be the issuer's own", async () => {
  const issuer = await new LyingIssuer().listen();
  const relay = await Relay.start({ env: oidcEnv(issuer.url) });
  try {
    issuer.lie = { discovery: { issuer: "https://accounts.google.com" } };
    const refused = await new Browser().follow(start(relay, "oidc"));
    expect([refused.status, refused.body.code]).toEqual([401, "oauth_failed"]);
    issuer.lie = {};
    expect((await new Browser().follow(start(relay, "oidc"))).status).toBe(200);
  } finally {
    await relay.stop();
    await issuer.stop();
  }
});

test("no private address is called unless that is allowed", async () => {
  const issuer = await new LyingIssuer().listen();
  let called = 0;
  issuer.handler = (_, response) => (++called, response.writeHead(500).end());
  const https = issuer.url.replace("http:", "https:");
  const relay = await Relay.start({ env: { ...oidcEnv(https), ALLOW_PRIVATE_UPSTREAMS: "false" } });
  try {
    const refused = await new Browser().go(start(relay, "oidc"));
    expect([refused.status, refused.body.code]).toEqual([503, "oauth_unavailable"]);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(called).toBe(0);
  } finally {
    await relay.stop();
    await issuer.stop();
  }
});
