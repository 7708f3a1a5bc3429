// Calls that the relay itself refuses: the dialect's own shape, and no retry where none can help.
import { beforeAll, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { type Answer } from "../support/relay";
import { Person } from "../support/people";
import { messagesRequest } from "../support/answers";
import { timed } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});

const chat = { model: "gpt-5.4", messages: [{ role: "user", content: "hi" }] };
const asKey = (key: string) => ({ "x-api-key": key });

function expectAnthropic(refused: Answer, status: number, type: string) {
  expect(refused.status, refused.text).toBe(status);
  expect(refused.body).toMatchObject({ type: "error", error: { type, message: expect.any(String) }, request_id: expect.stringMatching(/^req_/) });
  expect(refused.headers.get("x-should-retry")).toBe("false");
  expect(refused.headers.get("x-relay-request-id")).toBe(refused.body.request_id);
  expect(provider.requests).toHaveLength(0);
}

function expectOpenAi(refused: Answer, status: number, code: string | null) {
  expect(refused.status, refused.text).toBe(status);
  expect(refused.body.error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
  expect(Object.keys(refused.body.error).sort()).toEqual(["code", "message", "param", "type"]);
  if (code) expect(refused.body.error.code).toBe(code);
  expect(refused.headers.get("x-should-retry")).toBe("false");
  expect(provider.requests).toHaveLength(0);
}

const notAKey = ["cr_nonsense", "sk-ant-api03-somebody-elses", "", "cr_" + "a".repeat(49), "x".repeat(5000)];
test.each(notAKey)("key %# is refused without a retry", async (key) => {
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), asKey(key)), 401, "authentication_error");
  expectOpenAi(await up.relay.post("/v1/chat/completions", chat, { authorization: `Bearer ${key}` }), 401, "invalid_api_key");
});

test("no key at all is refused without a retry", async () => {
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest()), 401, "authentication_error");
});

test("a key with one letter changed is refused", async () => {
  const key = up.relay.admin.key;
  const typo = key.slice(0, 10) + (key[10] === "a" ? "b" : "a") + key.slice(11);
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), asKey(typo)), 401, "authentication_error");
});

test("the hash of a key is not a key", async () => {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256").update(up.relay.admin.key).digest("hex");
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), asKey(hash)), 401, "authentication_error");
});

test("a key opens nothing of the client API, and a session nothing of the relay", async () => {
  expect((await up.relay.get("/api/client/keys", { authorization: `Bearer ${up.relay.admin.key}` })).status).toBe(401);
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), person.bearer), 401, "authentication_error");
});

test("a key for claude only may not use codex, and the other way round", async () => {
  const claude = await person.key({ permissions: ["claude"] });
  const codex = await person.key({ permissions: ["codex"] });
  expectOpenAi(await up.relay.post("/v1/chat/completions", chat, { authorization: `Bearer ${claude.key}` }), 403, null);
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), asKey(codex.key)), 403, "permission_error");
  expect((await up.relay.post("/v1/messages", messagesRequest(), asKey(claude.key))).status).toBe(200);
});

test("a model outside the key's list is refused, a pattern allows", async () => {
  const key = await person.key({ models: ["claude-haiku-*", "claude-sonnet-5-5"] });
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest({ model: "claude-opus-5-5" }), asKey(key.key)), 403, "permission_error");
  expectAnthropic(await up.relay.post("/v1/messages/count_tokens", messagesRequest({ model: "claude-opus-5-5" }), asKey(key.key)), 403, "permission_error");
  for (const model of ["claude-haiku-4-5", "claude-sonnet-5-5"]) {
    expect((await up.relay.post("/v1/messages", messagesRequest({ model }), asKey(key.key))).status).toBe(200);
  }
});

test("a model that is there twice cannot slip past the list", async () => {
  const key = await person.key({ models: ["claude-sonnet-5-5"] });
  const body = '{"model":"claude-sonnet-5-5","max_tokens":5,"messages":[],"model":"claude-opus-5-5"}';
  expectAnthropic(await up.relay.post("/v1/messages", body, asKey(key.key)), 400, "invalid_request_error");
});

test("an address outside the key's list is refused, also when the client names another", async () => {
  const elsewhere = await person.key({ ipWhitelist: ["10.1.2.0/24", "2001:db8::/32"] });
  const forged = { ...asKey(elsewhere.key), "x-forwarded-for": "10.1.2.3" };
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), forged), 403, "permission_error");
  const here = await person.key({ ipWhitelist: ["127.0.0.0/8"] });
  expect((await up.relay.post("/v1/messages", messagesRequest(), asKey(here.key))).status).toBe(200);
});

test("an expired key is refused", timed, async () => {
  const key = await person.key({ expiresAt: new Date(Date.now() + 700).toISOString() });
  expect((await up.relay.post("/v1/messages", messagesRequest(), asKey(key.key))).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 900));
  provider.clear();
  expectAnthropic(await up.relay.post("/v1/messages", messagesRequest(), asKey(key.key)), 401, "authentication_error");
});

test("a key that is set inactive, active, then deleted counts at once", async () => {
  const key = await person.key();
  const call = () => up.relay.post("/v1/messages", messagesRequest(), asKey(key.key));
  expect((await call()).status).toBe(200);
  await person.put(`/keys/${key.id}`, { status: "inactive" });
  provider.clear();
  expectAnthropic(await call(), 401, "authentication_error");
  await person.put(`/keys/${key.id}`, { status: "active" });
  expect((await call()).status).toBe(200);
  await person.delete(`/keys/${key.id}`);
  provider.clear();
  expectAnthropic(await call(), 401, "authentication_error");
});

test("a regenerated key works beside the old one for its grace", timed, async () => {
  const key = await person.key();
  const call = (secret: string) => up.relay.post("/v1/messages", messagesRequest(), asKey(secret));
  const again = await person.post(`/keys/${key.id}/regenerate`, { gracePeriodSeconds: 1 });
  expect(again.status).toBe(200);
  expect([(await call(key.key)).status, (await call(again.body.key)).status]).toEqual([200, 200]);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect([(await call(key.key)).status, (await call(again.body.key)).status]).toEqual([401, 200]);
});

test.each([
  ["no JSON", "{", 400],
  ["no object", "[]", 400],
  ["no model", '{"messages":[]}', 400],
  ["a model that is no text", '{"model":5,"messages":[]}', 400],
  ["deeper than 512", `{"model":"claude-sonnet-5-5","x":${"[".repeat(600)}${"]".repeat(600)}}`, 400],
])("a body with %s is refused", async (_, body, status) => {
  expectAnthropic(await up.relay.post("/v1/messages", body, asKey(up.relay.admin.key)), status, "invalid_request_error");
});
