// Accounts at the providers: kept sealed in the store, changed while the relay runs, by the admin API and at the command
// line; and the keys that seal them, changed beside a running server.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { messagesRequest } from "../support/answers";
import { Person } from "../support/people";
import { answer, Provider, type ProviderRequest } from "../support/provider";
import { Relay } from "../support/relay";
import { until } from "../support/until";
import { useProvider } from "../support/use";

const first = useProvider();
const second = useProvider();
const message = (request: ProviderRequest) => {
  const body = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5-5", content: [], stop_reason: "end_turn", usage: { input_tokens: 1, output_tokens: 1 } };
  answer(request, 200, { "content-type": "application/json" }, JSON.stringify(body));
};
beforeEach(() => {
  first.reply = second.reply = message;
});

// Without a provider's key: a stand-in answers until there is an account.
const env = { RELAY_ENV: "test", BCRYPT_COST: "4", ALLOW_PRIVATE_UPSTREAMS: "true", ANTHROPIC_API_KEY: "", OPENAI_API_KEY: "" };
let relay: Relay;
let admin: Person;
beforeAll(async () => {
  relay = await Relay.start({ env });
  admin = await Person.admin(relay);
});
afterAll(() => relay.stop());

let named = 0;
const secret = (words: string) => {
  const text = `sk-ant-e2e-${words}-${++named}-of-an-account`;
  relay.keepSecret(text);
  return text;
};
const accounts = (method: string, path = "", body?: unknown, as: Person = admin) => relay.request(method, `/api/admin/accounts${path}`, body, as.bearer);
async function added(fields: object = {}) {
  const credential = secret("first");
  const made = await accounts("POST", "", { name: `account ${++named}`, provider: "anthropic", baseUrl: first.url, credential, ...fields });
  expect(made.status, made.text).toBe(201);
  return { id: made.body.data.id as string, name: made.body.data.name as string, credential, data: made.body.data };
}
const removed = async (id: string) => expect((await accounts("DELETE", `/${id}`)).status).toBe(200);
const call = (key = relay.admin.key) => relay.messages(messagesRequest(), { "x-api-key": key });
const filesWith = async (folder: string, text: string): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path);
  }
  return found;
};

test("an account serves from the moment it is added, and its changes from the moment they are made", async () => {
  expect((await call()).status).toBe(200); // the stand-in
  expect(first.requests).toHaveLength(0);

  const account = await added();
  expect(account.data).toMatchObject({ source: "store", provider: "anthropic", credentialHint: "ount", priority: 0, weight: 100, enabled: true, fault: null });
  expect(JSON.stringify(account.data)).not.toContain(account.credential);
  expect((await call()).status).toBe(200);
  expect(first.last.get("x-api-key")).toBe(account.credential);

  const credential = secret("second");
  expect((await accounts("PUT", `/${account.id}`, { credential })).status).toBe(200);
  await call();
  expect(first.last.get("x-api-key")).toBe(credential);

  first.clear();
  const moved = await accounts("PUT", `/${account.id}`, { baseUrl: second.url, weight: 7 });
  expect(moved.body.data).toMatchObject({ baseUrl: second.url, weight: 7, name: account.name });
  await call();
  expect(first.requests).toHaveLength(0);
  expect(second.last.get("x-api-key")).toBe(credential);

  await accounts("PUT", `/${account.id}`, { enabled: false });
  const without = await call();
  expect(without.status, without.text).toBe(503);
  expect(without.body).toMatchObject({ type: "error", error: { message: expect.stringContaining("No upstream account") } });
  expect((await relay.get("/ready")).status).toBe(503);
  await accounts("PUT", `/${account.id}`, { enabled: true });
  expect((await call()).status).toBe(200);

  await removed(account.id);
  expect((await call()).status).toBe(503);
  expect((await accounts("GET", `/${account.id}`)).body.code).toBe("account_unknown");

  const trail = (await relay.get("/api/admin/audit?action=admin.account", admin.bearer)).body.data;
  expect(trail.map((entry: any) => entry.action)).toEqual(["admin.account_removed", ...Array(4).fill("admin.account_updated"), "admin.account_created"]);
  expect(JSON.stringify(trail)).not.toContain(credential);
});

test("a call that runs keeps its account to its end", async () => {
  let finish!: () => void;
  first.reply = (request) => {
    finish = () => message(request);
  };
  const account = await added();
  const running = call();
  await first.reached(1);
  await removed(account.id);
  finish();
  expect((await running).status).toBe(200);
});

test("the credential lies in no file in clear text", async () => {
  const account = await added({ proxy: `http://someone:${secret("proxy")}@127.0.0.1:9`, enabled: false });
  expect(account.data.proxy).toBe("http://someone@127.0.0.1:9");
  expect(await filesWith(relay.folder, account.credential)).toEqual([]);
  expect(await filesWith(relay.folder, "sk-ant-e2e-proxy")).toEqual([]);
  await removed(account.id);
});

test("only administrators see accounts, and wrong ones are refused with every reason", async () => {
  const somebody = await Person.register(relay);
  for (const [method, path] of [["GET", ""], ["POST", ""], ["GET", "/upa_1"], ["DELETE", "/upa_1"]] as const) {
    expect((await accounts(method, path, method === "POST" ? {} : undefined, somebody)).status).toBe(403);
  }
  const refused = await accounts("POST", "", { provider: "nobody", baseUrl: "http://user@x", priority: -1, groups: ["No"], modelMap: { a: "" } });
  expect(refused.status).toBe(400);
  expect(refused.body.details.map((detail: any) => detail.field).sort()).toEqual(["baseUrl", "credential", "groups", "modelMap", "name", "priority", "provider"]);
  const account = await added({ enabled: false });
  expect((await accounts("POST", "", { name: account.name, provider: "openai", credential: secret("twin") })).body.code).toBe("account_name_taken");
  await removed(account.id);
});

test("accounts of a group serve the keys and plans that are tied to it, and nobody else", async () => {
  const shared = await added();
  const blue = await added({ baseUrl: second.url, groups: ["blue"] });
  const person = await Person.register(relay);
  const key = await person.key();
  const goesTo = async (place: Provider) => {
    first.clear();
    second.clear();
    const done = await call(key.key);
    expect(done.status, done.text).toBe(200);
    expect([first.requests.length, second.requests.length]).toEqual(place === first ? [1, 0] : [0, 1]);
  };
  const tie = (accountGroup: string | null) => relay.request("PUT", `/api/admin/keys/${key.id}`, { accountGroup }, admin.bearer);
  await goesTo(first);
  expect((await tie("blue")).body.data.accountGroup).toBe("blue");
  await goesTo(second);
  expect((await tie("Not A Group")).body.code).toBe("account_invalid");
  await tie("empty");
  const nobody = await call(key.key);
  expect(nobody.status).toBe(503);
  expect(nobody.body.error.message).toContain("No upstream account");

  await tie(null);
  const plan = await relay.request("PUT", "/api/admin/plans/tied", { accountGroup: "blue" }, admin.bearer);
  expect(plan.body.data.accountGroup).toBe("blue");
  expect((await relay.request("PUT", `/api/admin/users/${person.user.id}`, { plan: "tied" }, admin.bearer)).status).toBe(200);
  await goesTo(second);
  await relay.request("PUT", "/api/admin/plans/tied", { accountGroup: null }, admin.bearer);
  await goesTo(first);
  await removed(shared.id);
  await removed(blue.id);
});

test("our own network is no place for an account unless that is allowed", async () => {
  const guarded = await Relay.start({ env: { ...env, ALLOW_PRIVATE_UPSTREAMS: "false" } });
  const theirs = await Person.admin(guarded);
  const add = (fields: object) => guarded.request("POST", "/api/admin/accounts", { name: "inside", provider: "anthropic", credential: "sk-ant-e2e-inside", ...fields }, theirs.bearer);
  for (const baseUrl of [first.url, "http://localhost:1", "https://169.254.169.254", "http://[::ffff:10.0.0.1]"]) {
    expect((await add({ baseUrl })).body.code, baseUrl).toBe("address_not_public");
  }
  expect((await add({ baseUrl: "https://8.8.8.8", proxy: "socks5://127.0.0.1:1080" })).body.code).toBe("address_not_public");
  await guarded.stop();
});

test("a trial asks the provider through the account", async () => {
  first.reply = (request) => answer(request, 401, { "content-type": "application/json" }, "{}");
  const account = await added({ enabled: false });
  const refused = await accounts("POST", `/${account.id}/test`);
  expect(refused.body.data).toMatchObject({ passed: false, status: 401 });
  expect(first.last.line).toBe("GET /v1/models HTTP/1.1");
  expect(first.last.get("x-api-key")).toBe(account.credential);
  first.reply = (request) => answer(request, 200, { "content-type": "application/json" }, "{}");
  expect((await accounts("POST", `/${account.id}/test`)).body.data).toMatchObject({ passed: true, status: 200 });
  await removed(account.id);
});

test("an account that refuses rests while another serves, and a change or its end takes it out", async () => {
  const tired = await added();
  const spare = await added({ baseUrl: second.url, priority: 10 });
  first.reply = (request) => answer(request, 401, { "content-type": "application/json" }, JSON.stringify({ type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } }));
  for (let i = 0; i < 3; ++i) expect((await call()).status).toBe(200);
  expect([first.requests.length, second.requests.length]).toEqual([1, 3]);
  const health = async (id: string) => (await accounts("GET", "/health")).body.data.find((account: any) => account.id === id);
  expect(await health(tired.id)).toMatchObject({ state: "resting", rests: [{ family: null, reason: "unauthorized" }] });
  expect((await health(spare.id)).rests).toEqual([]);

  // It rests on under other settings, and its calls stay at the other.
  expect((await accounts("PUT", `/${tired.id}`, { weight: 7 })).status).toBe(200);
  expect((await call()).status).toBe(200);
  expect((await health(tired.id)).state).toBe("resting");
  await removed(spare.id);
  first.reply = message;
  expect((await call()).status).toBe(200); // the only one is asked though it rests, and is well
  expect(await health(tired.id)).toMatchObject({ state: "available", rests: [] });
  expect(await health(spare.id)).toBeUndefined();
  await removed(tired.id);
});

test("the command line changes accounts beside the running server", async () => {
  const credential = secret("command");
  const file = join(relay.folder, "credential");
  await writeFile(file, `${credential}\n`, { mode: 0o600 });
  const add = await relay.command("account", "add", "by command", "--provider", "anthropic", "--base-url", first.url, "--credential-file", file, "--weight", "5");
  expect(add.code, add.text).toBe(0);
  await until("the server has it", async () => (await call()).status === 200, 2_000);
  expect(first.last.get("x-api-key")).toBe(credential);

  const list = await relay.command("account", "list");
  expect(list.text).toContain("by command");
  const health = await relay.command("account", "health", "--url", `http://127.0.0.1:${relay.port}`);
  expect(health.code, health.text).toBe(0);
  expect(health.text).toMatch(/^upa_\S+  anthropic  available  in flight 0 /m);
  const set = await relay.command("account", "set", "by command", "--base-url", second.url, "--group", "blue", "--no-map");
  expect(set.code, set.text).toBe(0);
  const show = await relay.command("account", "show", "by command");
  expect(show.text).toMatch(/groups +blue/);
  expect(add.text + list.text + set.text + show.text).not.toContain(credential);
  expect((await relay.command("account", "set", "by command", "--no-groups")).code).toBe(0);
  await until("calls go to the other place", async () => (await call()).status === 200 && second.requests.length > 0, 2_000);

  expect((await relay.command("account", "disable", "by command")).code).toBe(0);
  await until("it serves nobody", async () => (await call()).status === 503, 2_000);
  expect((await relay.command("account", "enable", "by command")).code).toBe(0);
  await until("it serves again", async () => (await call()).status === 200, 2_000);
  expect((await relay.command("account", "remove", "by command")).code).toBe(0);
  await until("it is gone", async () => (await call()).status === 503, 2_000);

  const telltale = await relay.command("account", "add", "x", "--provider", "anthropic", "--credential-file", file, "--proxy", "http://u:p@127.0.0.1:1");
  expect(telltale.text).toContain("--proxy-file");
  expect((await relay.command("account", "show", "nobody")).code).toBe(1);
});

test("keys are rotated while the server serves, and the old one can go", async () => {
  const [older, newer] = ["an old key of thirty-two bytes or so", "a new key of thirty-two bytes or more"];
  const provider = await new Provider().listen();
  provider.reply = message;
  const folder = await mkdtemp(join(tmpdir(), "relay-rotation-"));
  const started = await Relay.start({ folder, env: { ...env, ENCRYPTION_KEY: older! } });
  const theirs = await Person.admin(started);
  const credential = secret("rotated");
  const made = await started.request("POST", "/api/admin/accounts", { name: "a", provider: "anthropic", baseUrl: provider.url, credential }, theirs.bearer);
  expect(made.status, made.text).toBe(201);
  await started.stop();

  const again = async (key: string) => {
    const next = await Relay.start({ folder, env: { ...env, ENCRYPTION_KEY: key } });
    next.admin = started.admin;
    return next;
  };
  const served = async (by: Relay) => {
    const done = await by.messages(messagesRequest());
    expect(done.status, done.text).toBe(200);
    expect(provider.last.get("x-api-key")).toBe(credential);
  };
  const both = await again(`${newer},${older}`);
  await served(both);
  let calls = 0;
  let rotating = true;
  const serving = (async () => {
    for (; rotating; calls++) await served(both);
  })();
  const rotation = await both.command("rotate-secrets");
  rotating = false;
  await serving;
  expect(rotation.code, rotation.text).toBe(0);
  expect(rotation.text).toMatch(/^2 sealed anew/m); // the account's credential, and the key pair of sign-in
  expect(calls).toBeGreaterThan(0);
  expect((await both.command("rotate-secrets")).text).toMatch(/^0 sealed anew/m);
  await both.stop();

  const fresh = await again(newer!);
  await served(fresh);
  await Person.admin(fresh);
  const trail = await fresh.get("/api/admin/audit?action=admin.secrets_rotated", (await Person.admin(fresh)).bearer);
  expect(trail.body.data).toHaveLength(2);
  const verified = await fresh.command("audit", "verify");
  expect(verified.text).toMatch(/^holds +\d+ entries/m);
  expect(verified.text).toMatch(/^UNPROVEN +\d+ entries, the first is 1, the last \d+: hashed under an ENCRYPTION_KEY that is gone/m);
  expect(verified.code).toBe(1);
  await fresh.stop();
  const last = await again(`${newer},${older}`);
  const whole = await last.command("audit", "verify");
  expect([whole.code, whole.text], whole.text).toEqual([0, expect.not.stringContaining("UNPROVEN")]);
  await last.stop();
  await rm(folder, { recursive: true, force: true });
  await provider.stop();
});
