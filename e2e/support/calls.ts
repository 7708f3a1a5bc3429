// How to make each operation of the OpenAPI document answer with each status that the document has for it. What every
// operation can be called with by what it is (no token, no JSON, too large a body …) is derived in derivedCalls; here
// stands the rest. The test of the contract says what is missing here when a new operation or a new status comes.
import { messagesRequest } from "./answers";
import type { Caller, Operation } from "./contract";
import type { Person } from "./people";
import { naming, objectFixtures, somebodysFile } from "./calls_of_objects";
import { nobodys, type World } from "./world";

export interface Call {
  /** The path's parameters; `id` of nobody's thing when left out. */
  path?: Record<string, string>;
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Whose access token is sent; a new person's when left out. */
  as?: Person;
  /** The API key that is sent. */
  key?: string;
}
export type MakeCall = (world: World) => Call | Promise<Call>;

export interface Fixture {
  /** By status. Several calls of one status in a list. */
  [status: number]: MakeCall | MakeCall[];
  /** Statuses that no test can bring about, and why. */
  never?: Record<number, string>;
}

const plain: MakeCall = () => ({});
const aKey = async (world: World, fields: object = {}) => {
  const { person, id } = await world.keyOwner(fields);
  return { as: person, path: { id } };
};
const aRevokedKey = async (world: World) => {
  const call = await aKey(world);
  await call.as.delete(`/keys/${call.path.id}`);
  return call;
};
// One for all calls that leave them as they were: everybody who registers gets a mail, and the mails queue up.
const once = <T>(make: (world: World) => Promise<T>) => {
  const made = new Map<World, Promise<T>>();
  return (world: World) => {
    if (!made.has(world)) made.set(world, make(world));
    return made.get(world)!;
  };
};
const someone = async (world: World) => ({ path: { id: (await world.person()).user.id } });
const somebody = once(someone);
const someonesKey = async (world: World) => ({ path: (await aKey(world)).path });
const anybodysKey = once(someonesKey);
const oneself = (world: World) => ({ path: { id: world.admin.user.id } });
const aGhost = once(async (world: World) => {
  const gone = await someone(world);
  await world.relay.request("DELETE", `/api/admin/users/${gone.path.id}`, undefined, world.admin.bearer);
  return gone;
});
let priced = 0;
const aPrice = (more: object = {}) => ({ model: `priced-${++priced}`, provider: "anthropic", input: "3", output: "15", ...more });
/** One that is not yet in force, unless `more` says so. */
const addedPrice = async (world: World, more: object = {}) => {
  const body = aPrice({ effectiveFrom: "2099-01-31T00:00:00Z", ...more });
  const added = await world.relay.request("POST", "/api/admin/prices", body, world.admin.bearer);
  return { body, path: { id: added.body.data.id as string } };
};
let accounts = 0;
/** Not enabled: the other calls go on as they did. */
const anAccount = (more: object = {}) => ({ name: `account ${++accounts}`, provider: "anthropic", credential: "sk-ant-e2e-of-an-account-0000", enabled: false, ...more });
const everythingOfAnAccount = {
  baseUrl: "https://127.0.0.1:9/v1", priority: 1, weight: 10, concurrency: 3, models: ["gpt*"], modelMap: { "gpt-5.5": "our-gpt" },
  groups: ["team-a"], proxy: "http://user:e2e-proxy-password@127.0.0.1:9", dailySpendCap: "12.50",
}; // prettier-ignore
const addedAccount = async (world: World, more: object = {}) => {
  const body = anAccount(more === everythingOfAnAccount ? { ...more, provider: "openai" } : more);
  const added = await world.relay.request("POST", "/api/admin/accounts", body, world.admin.bearer);
  return { path: { id: added.body.data.id as string }, name: body.name };
};
/** A call with an API key of its own. */
const withKey =
  (body?: unknown, fields: object = {}, more: Call = {}): MakeCall =>
  async (world) => ({ body, key: (await world.keyOwner(fields)).secret, ...more });

const relayed = (body: object, otherKind: object, more: Fixture = {}): Fixture => ({
  200: [withKey(body), withKey({ ...body, stream: true })],
  400: withKey({ ...body, model: undefined }),
  403: [withKey(body, otherKind), withKey(body, { models: ["nothing-*"] }), withKey(body, elsewhere)],
  404: async (world) => ({ body: naming(await somebodysFile(world), body), key: (await world.keyOwner()).secret }),
  402: withKey(body, { budget: { daily: "0" } }),
  429: async (world) => {
    const { secret } = await world.keyOwner({ rateLimit: { requestsPerMinute: 1 } });
    const headers = { "x-api-key": secret };
    await world.relay.post("/v1/messages/count_tokens", messagesRequest(), headers);
    await world.relay.post("/v1/chat/completions", { model: "gpt-5.5", messages: [{ role: "user", content: "hi" }] }, headers);
    return { body, key: secret };
  },
  ...more,
});
const codexOnly = { permissions: ["codex"] };
const claudeOnly = { permissions: ["claude"] };
const elsewhere = { ipWhitelist: ["192.0.2.0/24"] };
const chat = { model: "gpt-5.5", messages: [{ role: "user", content: "hi" }] };

const next = "an even better passphrase";
const suspended = "needs an account that was suspended";
/** Of what the owner proves to be by a code or the password. */
const provenByOwner: Fixture = {
  200: [
    async (world) => {
      const { person, app } = await world.twoFactorOwner();
      return { as: person, body: { code: app.next() } };
    },
    async (world) => {
      const { person, codes } = await world.twoFactorOwner();
      return { as: person, body: { recoveryCode: codes[0] } };
    },
    async (world) => {
      const { person } = await world.twoFactorOwner();
      return { as: person, body: { password: person.password } };
    },
  ],
  400: [
    async (world) => ({ as: (await world.twoFactorOwner()).person, body: {} }),
    async (world) => ({ as: (await world.twoFactorOwner()).person, body: { encryptedPassword: "AAAA", nonce: "0".repeat(64) } }),
  ],
  401: [
    async (world) => ({ as: (await world.twoFactorOwner()).person, body: { code: "nonsense" } }),
    async (world) => ({ as: (await world.twoFactorOwner()).person, body: { password: "not the password" } }),
  ],
  404: () => ({ body: { code: "123456" } }),
};
const pageQuery = (world: World) => new URLSearchParams({ redirect: `${world.relay.url}/signed-in`, challenge: "A".repeat(43) }).toString();

export const fixtures: Record<string, Fixture> = {
  // Authentication.
  getPublicKey: { 200: plain },
  register: {
    201: [
      (world) => ({ body: world.newcomer() }),
      (world) => ({ body: { ...world.newcomer(), confirmPassword: undefined } }),
    ],
    400: (world) => ({ body: { ...world.newcomer(), password: "short", confirmPassword: "other" } }),
    409: [
      async (world) => ({ body: { ...world.newcomer(), email: (await world.person()).email } }),
      async (world) => ({ body: { ...world.newcomer(), username: (await world.person()).user.username } }),
    ],
  },
  login: {
    200: [
      async (world) => {
        const { email, password } = await world.person();
        return { body: { email, password } };
      },
      async (world) => {
        const { email, password } = (await world.twoFactorOwner()).person;
        return { body: { email, password } };
      },
    ],
    400: [
      () => ({ body: { email: "ada@example.com" } }),
      () => ({ body: { email: "ada@example.com", encryptedPassword: "AAAA", nonce: "0".repeat(64) } }),
    ],
    401: async (world) => ({ body: { email: (await world.person()).email, password: "not the password" } }),
  },
  logout: { 200: [plain, () => ({ body: { all: true } })] },
  refresh: {
    200: async (world) => ({ body: { refreshToken: (await world.person()).refreshToken } }),
    400: () => ({ body: {} }),
    401: () => ({ body: { refreshToken: `crt_${"A".repeat(43)}` } }),
  },
  forgotPassword: {
    200: [async (world) => ({ body: { email: (await world.person()).email } }), () => ({ body: { email: "nobody@example.com" } })],
    400: [() => ({ body: {} }), () => ({ body: { email: "no address" } })],
  },
  resetPassword: {
    200: async (world) => ({ body: { token: await world.resetToken(await world.person()), password: next, confirmPassword: next } }),
    400: [
      () => ({ body: {} }),
      () => ({ body: { token: "nonsense", password: next } }),
      () => ({ body: { token: "nonsense", password: "short", confirmPassword: "other" } }),
      () => ({ body: { token: "nonsense", encryptedPassword: "AAAA", nonce: "0".repeat(64) } }),
    ],
    never: { 403: suspended },
  },
  changePassword: {
    200: async (world) => {
      const person = await world.person();
      return { as: person, body: { currentPassword: person.password, newPassword: next, confirmPassword: next } };
    },
    400: [
      () => ({ body: { newPassword: next } }),
      () => ({ body: { encryptedCurrentPassword: "AAAA", encryptedNewPassword: "AAAA", nonce: "0".repeat(64) } }),
      async (world) => {
        const person = await world.person();
        return { as: person, body: { currentPassword: person.password, newPassword: "short" } };
      },
    ],
    401: () => ({ body: { currentPassword: "not the password", newPassword: next } }),
  },
  verifyEmail: {
    200: async (world) => ({ body: { token: await world.token((await world.person()).email, /verify/i) } }),
    400: [() => ({ body: {} }), () => ({ body: { token: "nonsense" } })],
    never: { 403: suspended },
  },
  resendVerification: {
    200: [async (world) => ({ body: { email: (await world.person()).email } }), () => ({ body: { email: "nobody@example.com" } })],
    400: [() => ({ body: {} }), () => ({ body: { email: "no address" } })],
  },
  restoreEmail: {
    200: async (world) => ({ body: { token: await world.move(await world.person()) } }),
    400: [() => ({ body: {} }), () => ({ body: { token: "nonsense" } })],
    409: async (world) => {
      const person = await world.person();
      const token = await world.move(person);
      await world.relay.post("/api/client/auth/register", { ...world.newcomer(), email: person.email });
      return { body: { token } };
    },
    never: { 403: suspended },
  },
  getTwoFactor: { 200: [plain, async (world) => ({ as: (await world.twoFactorOwner()).person })] },
  setUpTwoFactor: { 200: plain, 409: async (world) => ({ as: (await world.twoFactorOwner()).person }) },
  confirmTwoFactor: {
    200: async (world) => {
      const person = await world.person();
      return { as: person, body: { code: (await world.authenticator(person)).next() } };
    },
    400: async (world) => {
      const person = await world.person();
      await world.authenticator(person);
      return { as: person, body: { code: "nonsense" } };
    },
    404: () => ({ body: { code: "123456" } }),
    409: async (world) => {
      const { person, app } = await world.twoFactorOwner();
      return { as: person, body: { code: app.next() } };
    },
  },
  disableTwoFactor: provenByOwner,
  renewRecoveryCodes: provenByOwner,
  verifyTwoFactor: {
    200: [
      async (world) => {
        const { person, app } = await world.twoFactorOwner();
        return { body: { ticket: await world.ticket(person), code: app.next() } };
      },
      async (world) => {
        const { person, codes } = await world.twoFactorOwner();
        return { body: { ticket: await world.ticket(person), recoveryCode: codes[0] } };
      },
    ],
    400: () => ({ body: {} }),
    401: [
      () => ({ body: { ticket: "nonsense", code: "123456" } }),
      async (world) => ({ body: { ticket: await world.ticket((await world.twoFactorOwner()).person), code: "nonsense" } }),
    ],
    never: { 403: suspended },
  },
  listOAuthProviders: { 200: plain },
  startOAuth: {
    302: [() => ({ path: { provider: "oidc" } }), (world) => ({ path: { provider: "oidc" }, query: pageQuery(world) })],
    400: () => ({ path: { provider: "oidc" }, query: "redirect=https%3A%2F%2Fevil.example%2F" }),
    404: () => ({ path: { provider: "nobody" } }),
    never: { 401: "needs an issuer whose discovery document is not its own" },
  },
  finishOAuth: {
    200: [
      (world) => world.comingBack(),
      (world) => world.comingBack({}, `?challenge=${"A".repeat(43)}`),
      async (world) => {
        const { person } = await world.linked();
        const app = await world.authenticator(person);
        await person.post("/auth/mfa/confirm", { code: app.next() });
        return world.comingBack({ sub: person.email, email: person.email });
      },
    ],
    303: [
      (world) => world.comingBack({}, `?${pageQuery(world)}`),
      (world) => world.comingBack({ email_verified: false }, `?${pageQuery(world)}`),
    ],
    400: () => ({ path: { provider: "oidc" }, query: "code=x&state=nonsense" }),
    401: [
      async (world) => {
        const back = await world.comingBack();
        return { ...back, query: back.query.replace(/code=\w+/, "error=access_denied") };
      },
      async (world) => {
        const back = await world.comingBack();
        return { ...back, query: back.query.replace(/code=\w+/, "code=nonsense") };
      },
    ],
    403: (world) => world.comingBack({ email_verified: false }),
    404: () => ({ path: { provider: "nobody" } }),
  },
  exchangeOAuthCode: {
    200: [
      async (world) => ({ body: await world.oauthCode() }),
      async (world) => {
        const { person } = await world.linked();
        const app = await world.authenticator(person);
        await person.post("/auth/mfa/confirm", { code: app.next() });
        return { body: await world.oauthCode({ sub: person.email, email: person.email }) };
      },
    ],
    400: () => ({ body: {} }),
    401: () => ({ body: { code: "nonsense" } }),
    never: { 403: suspended },
  },
  listIdentities: { 200: [plain, async (world) => ({ as: (await world.linked()).person })] },
  unlinkIdentity: {
    200: async (world) => {
      const { email } = await world.verifiedPerson();
      const { person, id } = await world.linked({ email });
      return { as: person, path: { id } };
    },
    409: async (world) => {
      const { person, id } = await world.linked();
      return { as: person, path: { id } };
    },
  },
  listSessions: { 200: plain },
  endSession: {
    200: async (world) => {
      const person = await world.person();
      return { as: person, path: { id: (await person.get("/auth/sessions")).body.data[0].id } };
    },
  },

  // Keys.
  listKeys: {
    200: async (world) => {
      const { person } = await world.keyOwner();
      await person.key({ name: "another", expiresAt: "2099-01-01T00:00:00Z", tags: ["a"] });
      return { as: person, query: "limit=1&status=active&search=o" };
    },
    400: [() => ({ query: "status=nonsense" }), () => ({ query: "cursor=nonsense" })],
  },
  createKey: {
    201: () => ({ body: { name: "k", budget: { daily: "1.50" }, rateLimit: { rpm: 5 }, ipWhitelist: ["10.0.0.0/8"], metadata: { a: [1] }, responseCache: { enabled: true, ttlSeconds: 60 } } }),
    400: [() => ({ body: {} }), () => ({ body: { name: "k", expiresAt: "2001-01-01T00:00:00Z" } }), () => ({ body: { name: "k", budget: { daily: "x" } } })],
    403: async (world) => {
      const { person } = await world.keyOwner();
      await person.key();
      await person.key();
      return { as: person, body: { name: "one too many" } };
    },
  },
  verifyKey: {
    200: async (world) => ({ body: { apiKey: (await world.keyOwner()).secret } }),
    400: () => ({ body: {} }),
    401: () => ({ body: { apiKey: "cr_nonsense" } }),
  },
  getKey: { 200: aKey },
  updateKey: {
    200: async (world) => ({ ...(await aKey(world)), body: { name: "renamed", models: ["claude-*"], status: "inactive" } }),
    400: async (world) => ({ ...(await aKey(world)), body: { name: "", tags: [""] } }),
    409: async (world) => ({ ...(await aRevokedKey(world)), body: { name: "renamed" } }),
    never: { 403: "every plan that a new store has allows all permissions" },
  },
  deleteKey: { 200: aKey },
  regenerateKey: {
    200: async (world) => ({ ...(await aKey(world)), body: { gracePeriodSeconds: 60 } }),
    409: aRevokedKey,
  },
  getKeyLimits: { 200: [aKey, async (world) => aKey(world, { rateLimit: { rpd: 5, tokensPerDay: 100 }, budget: { daily: "5", total: "9", resetTime: "06:00", soft: ["daily"] } })] },
  getLimits: { 200: plain },
  getKeyUsage: {
    200: [
      aKey,
      async (world) => {
        const { person, id, secret } = await world.keyOwner();
        await world.relay.messages(messagesRequest(), { "x-api-key": secret });
        await person.usage(id, 1);
        return { as: person, path: { id }, query: "granularity=hour&groupBy=model&days=1" };
      },
    ],
    400: [async (world) => ({ ...(await aKey(world)), query: "from=2026-01-02&to=2026-01-01" }), async (world) => ({ ...(await aKey(world)), query: "granularity=nonsense" })],
  },

  // Oneself.
  getProfile: { 200: plain },
  updateProfile: {
    200: [() => ({ body: { displayName: "Ada", timezone: "Europe/Berlin", locale: "en-GB" } }), (world) => ({ body: { email: world.newcomer().email } })],
    400: [() => ({ body: { timezone: "Mars/Olympus", locale: "english", username: "a", displayName: "a\nb" } }), () => ({ body: { email: "none" } })],
    409: [async (world) => ({ body: { email: (await world.person()).email } }), async (world) => ({ body: { username: (await world.person()).user.username } })],
  },
  listNotifications: {
    200: async (world) => {
      const { person } = await world.keyOwner();
      await person.key();
      return { as: person, query: "limit=1&unread=true" };
    },
    400: () => ({ query: "cursor=nonsense" }),
  },
  markNotificationRead: {
    200: async (world) => {
      const { person } = await world.keyOwner();
      return { as: person, path: { id: (await person.get("/users/notifications")).body.data[0].id } };
    },
  },
  getPreferences: { 200: plain },
  updatePreferences: {
    200: () => ({ body: { notifications: { keyCreated: { email: false }, limitNear: { inApp: false } } } }),
    400: () => ({ body: { notifications: { passwordChanged: { email: false } } } }),
  },
  getUsage: {
    200: [
      plain,
      async (world) => {
        const { person, id, secret } = await world.keyOwner();
        await world.relay.messages(messagesRequest(), { "x-api-key": secret });
        await person.usage(id, 1);
        return { as: person, query: "granularity=hour&groupBy=model&days=1" };
      },
    ],
    400: [() => ({ query: "from=2026-01-02&to=2026-01-01" }), () => ({ query: "granularity=hour&from=2020-01-01" }), () => ({ query: "from=yesterday" })],
  },
  getBilling: {
    200: [
      plain,
      async (world) => {
        const { person, id, secret } = await world.keyOwner();
        await world.relay.messages(messagesRequest(), { "x-api-key": secret });
        await person.usage(id, 1);
        return { as: person };
      },
    ],
  },
  listAudit: {
    200: async (world) => ({ as: (await world.keyOwner()).person, query: "limit=1" }),
    400: () => ({ query: "cursor=nonsense" }),
  },
  exportAccount: {
    200: [
      async (world) => {
        const { person, id, secret } = await world.keyOwner();
        await world.relay.messages(messagesRequest(), { "x-api-key": secret });
        await person.usage(id, 1);
        return { as: person };
      },
      () => ({ query: "usageBefore=2026-01-31T12:00:00Z" }),
    ],
    400: () => ({ query: "usageBefore=yesterday" }),
  },
  deleteAccount: {
    200: async (world) => {
      const { person } = await world.keyOwner();
      return { as: person, body: { password: person.password } };
    },
    400: [() => ({ body: {} }), () => ({ body: { encryptedPassword: "AAAA", nonce: "0".repeat(64) } })],
    401: () => ({ body: { password: "not the password" } }),
    409: (world) => ({ as: world.admin, body: { password: world.admin.password } }),
  },

  // Administration.
  adminListUsers: {
    200: async (world) => ({ query: `limit=1&status=active&role=user&plan=free&search=${(await world.person()).user.username}` }),
    400: [() => ({ query: "status=nonsense&role=god" }), () => ({ query: "cursor=nonsense" })],
  },
  adminGetUser: { 200: somebody },
  adminUpdateUser: {
    200: async (world) => ({ ...(await somebody(world)), body: { plan: "pro", rateLimit: { rpm: 5 }, budget: { weekly: "5", resetTime: "06:00" }, status: "inactive", role: "admin" } }),
    400: [async (world) => ({ ...(await somebody(world)), body: { plan: "no such plan" } }), async (world) => ({ ...(await somebody(world)), body: { status: "deleted", rateLimit: { rpm: -1 } } })],
    409: (world) => ({ path: { id: world.admin.user.id }, body: { role: "user" } }),
  },
  adminSuspendUser: { 200: somebody, 409: oneself },
  adminActivateUser: { 200: somebody, 409: [oneself, aGhost] },
  adminResetPassword: { 200: somebody, 409: aGhost },
  adminTurnOffTwoFactor: { 200: somebody, 409: aGhost },
  adminRevokeSessions: { 200: somebody },
  adminDeleteUser: { 200: someone, 409: oneself },
  adminListKeys: {
    200: async (world) => ({ query: `limit=1&status=active&search=test&userId=${(await somebody(world)).path.id}` }),
    400: [() => ({ query: "status=nonsense" }), () => ({ query: "cursor=nonsense" })],
  },
  adminGetKey: { 200: anybodysKey },
  adminUpdateKey: {
    200: async (world) => ({ ...(await anybodysKey(world)), body: { status: "inactive" } }),
    400: async (world) => ({ ...(await anybodysKey(world)), body: { status: "revoked", accountGroup: "No Group" } }),
    409: async (world) => ({ path: (await aRevokedKey(world)).path, body: { status: "active" } }),
  },
  adminDeleteKey: { 200: someonesKey },
  adminGetUsage: {
    200: [plain, () => ({ query: "groupBy=model&days=2&limit=1" }), async (world) => ({ query: `groupBy=key&from=2026-01-01&userId=${(await somebody(world)).path.id}` })],
    400: [() => ({ query: "groupBy=colour" }), () => ({ query: "from=2026-01-02&to=2026-01-01" }), () => ({ query: "from=2001-01-01" })],
  },
  adminListAudit: {
    200: [() => ({ query: "limit=200" }), (world) => ({ query: `limit=2&actorId=${world.admin.user.id}&action=auth.&outcome=success&from=2026-01-01` })],
    400: [() => ({ query: "outcome=maybe" }), () => ({ query: "cursor=nonsense" }), () => ({ query: "from=yesterday" })],
  },
  adminListAccountHealth: { 200: plain },
  adminListPrices: {
    200: [plain, () => ({ query: "model=claude-opus-5-5&at=2026-11-01" })],
    400: () => ({ query: "at=yesterday" }),
  },
  adminAddPrice: {
    201: [() => ({ body: aPrice() }), () => ({ body: { ...aPrice(), provider: "openai", tier: "flex", contextOver: 272000, effectiveFrom: "2026-01-31", cacheRead: "0.1", webSearch: "10" } })],
    400: () => ({ body: { model: "", provider: "nobody", tier: "slow", effectiveFrom: "soon", input: "-1" } }),
    409: async (world) => ({ body: (await addedPrice(world)).body }),
  },
  adminCorrectPrice: {
    200: async (world) => ({ path: (await addedPrice(world)).path, body: { input: "3.5" } }),
    400: async (world) => ({ path: (await addedPrice(world)).path, body: { output: "x" } }),
  },
  adminDeletePrice: {
    200: async (world) => ({ path: (await addedPrice(world)).path }),
    409: async (world) => ({ path: (await addedPrice(world, { effectiveFrom: "2026-01-31" })).path }),
  },
  adminListAccounts: { 200: plain },
  adminAddAccount: {
    201: [() => ({ body: anAccount() }), () => ({ body: anAccount({ ...everythingOfAnAccount, provider: "openai" }) })],
    400: [() => ({ body: { provider: "nobody", weight: 0, groups: ["No Group"], dailySpendCap: "1" } }), () => ({ body: anAccount({ dailySpendCap: "much" }) })],
    409: async (world) => ({ body: { ...anAccount(), name: (await addedAccount(world)).name } }),
  },
  adminGetAccount: { 200: [addedAccount, () => ({ path: { id: "env_openai" } })] },
  adminUpdateAccount: {
    200: [
      async (world) => ({ path: (await addedAccount(world)).path, body: { weight: 7, concurrency: null, proxy: null, dailySpendCap: null } }),
      async (world) => ({ path: (await addedAccount(world, everythingOfAnAccount)).path, body: {} }),
    ],
    400: async (world) => ({ path: (await addedAccount(world)).path, body: { provider: "openai", priority: 1001, modelMap: { a: 1 } } }),
    409: [() => ({ path: { id: "env_anthropic" }, body: { weight: 1 } }), async (world) => ({ path: (await addedAccount(world)).path, body: { name: (await addedAccount(world)).name } })],
  },
  adminDeleteAccount: { 200: async (world) => ({ path: (await addedAccount(world)).path }), 409: () => ({ path: { id: "env_anthropic" } }) },
  adminTestAccount: { 200: [() => ({ path: { id: "env_anthropic" } }), async (world) => ({ path: (await addedAccount(world, { baseUrl: "http://127.0.0.1:9" })).path })] },
  adminListPlans: { 200: plain },
  adminPutPlan: {
    200: [() => ({ path: { id: "tiny" }, body: { name: "Tiny", monthlyPrice: "1.50", maxKeys: 1, permissions: ["codex"], rateLimit: { rpm: 5, tokensPerDay: 1000 }, budget: { monthly: "5", soft: ["monthly"] }, priority: 20 } }), () => ({ path: { id: "tiny" }, body: { tokensPerMonth: 1000 } })],
    400: [() => ({ path: { id: "Bad%20Plan" }, body: {} }), () => ({ path: { id: "tiny" }, body: { monthlyPrice: "x", permissions: ["all"], budget: { daily: "-1", resetTime: "25:00", soft: ["yearly"] } } })],
  },

  // The relay.
  createMessage: relayed(messagesRequest(), codexOnly),
  countMessageTokens: relayed(messagesRequest(), codexOnly, { 200: withKey(messagesRequest()) }),
  createChatCompletion: relayed(chat, claudeOnly),
  createCompletion: relayed({ model: "gpt-5.5", prompt: "hi" }, claudeOnly),
  createEmbeddings: relayed({ model: "text-embedding-3-small", input: "hi" }, claudeOnly, { 200: withKey({ model: "text-embedding-3-small", input: ["hi", "you"] }) }),
  createResponse: relayed({ model: "gpt-5.5", input: "hi" }, claudeOnly),
  compactResponse: relayed({ model: "gpt-5.5", input: "hi" }, claudeOnly),
  openResponsesWebSocket: { 426: plain },
  listModels: {
    200: [withKey(), withKey(undefined, {}, { headers: { "anthropic-version": "2023-06-01" } }), withKey(undefined, codexOnly)],
    400: withKey(undefined, {}, { query: "limit=0", headers: { "anthropic-version": "2023-06-01" } }),
    403: withKey(undefined, elsewhere),
  },
  getModel: {
    200: withKey(undefined, {}, { path: { id: "gpt-5.5" } }),
    403: withKey(undefined, elsewhere, { path: { id: "gpt-5.5" } }),
    404: [withKey(undefined, claudeOnly, { path: { id: "gpt-5.5" } }), withKey(undefined, claudeOnly, { path: { id: "no-such-model" } })],
  },

  ...objectFixtures,

  // Service.
  greet: { 200: plain },
  getHealth: { 200: plain },
  getReadiness: { 200: plain },
  dropEvents: { 200: () => ({ body: { events: [] } }) },
  getOpenApi: { 200: plain, 304: async (world) => ({ headers: { "if-none-match": (await world.relay.get("/openapi.json")).headers.get("etag")! } }) },
  getDocs: { 200: plain, 304: () => ({ headers: { "if-none-match": "*" } }) },
  getDocsStyle: { 200: plain, 304: () => ({ headers: { "if-none-match": "*" } }) },
  getDocsIcon: { 200: plain, 304: () => ({ headers: { "if-none-match": "*" } }) },
  getVerifyEmailPage: { 200: plain },
  getResetPasswordPage: { 200: plain },
  getRestoreEmailPage: { 200: plain },
  getDocsScript: { 200: plain, 304: () => ({ headers: { "if-none-match": "*" } }) },
};

const large = `{"a":"${"x".repeat(1_100_000)}"}`; // more than the client API takes
const huge = `{"a":"${"x".repeat(2_200_000)}"}`; // more than CLIENT_BODY_MAX is in world.ts

/** What follows from what an operation is, by status. */
export function derivedCalls(operation: Operation, caller: Caller): Record<number, MakeCall[]> {
  const derived: Record<number, MakeCall[]> = {};
  const add = (status: number, ...calls: MakeCall[]) => {
    if (operation.responses[status]) (derived[status] ??= []).push(...calls);
  };
  const own = fixtures[operation.operationId] ?? {};
  const good = [own[200] ?? own[201] ?? own[302] ?? plain].flat()[0]!;
  const isRelayed = caller === "key";
  const json = operation.requestBody?.content["application/json"] !== undefined;
  if (caller !== "anyone") add(401, () => ({ headers: { authorization: "" } }), () => ({ headers: { authorization: "Bearer nonsense", "x-api-key": "" } }));
  if (caller === "admin") add(403, async (world) => ({ ...(await good(world)), as: await world.person() }));
  if (json) {
    for (const body of ["", "[]", "{", '{"a":1,"a":2}']) {
      if (body !== "" && !isRelayed) add(400, async (world) => ({ ...(await good(world)), body }));
    }
    add(413, async (world) => ({ ...(await good(world)), body: isRelayed ? huge : large }));
    const headers: Record<string, string> = isRelayed ? { "content-encoding": "compress" } : { "content-type": "text/plain" };
    add(415, async (world) => ({ ...(await good(world)), body: "{}", headers }));
  }
  const [query] = (operation.parameters ?? []).filter((each) => each.in === "query");
  if (query && !isRelayed) add(400, async (world) => ({ ...(await good(world)), query: `${query.name}=1&${query.name}=1` }));
  if (!isRelayed) {
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in === "path") add(400, async (world) => ({ ...(await good(world)), path: { [parameter.name]: "%00" } }));
      if (parameter.name === "id") add(404, async (world) => ({ ...(await good(world)), path: { id: nobodys("nobody") } }));
    }
  }
  return derived;
}
