// The lists of models by dialect and key; what the logs say, and what they never say.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";
import { messagesRequest } from "../support/answers";
import { Person } from "../support/people";

const upstream = useSimulate();
const up = useRelay(() => ({ upstream: upstream.simulate.url, env: { LOG_LEVEL: "trace" } }));
let person: Person;
beforeAll(async () => {
  person = await Person.admin(up.relay);
});

const anthropic = (key: string) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" });
const openai = (key: string) => ({ authorization: `Bearer ${key}` });

test("the list speaks Anthropic when anthropic-version is sent, else OpenAI", async () => {
  const one = await up.relay.get("/v1/models?limit=1000", anthropic(up.relay.admin.key));
  expect(one.body).toMatchObject({ has_more: false, first_id: expect.any(String), last_id: expect.any(String) });
  expect(one.body.data[0]).toMatchObject({ type: "model", id: expect.stringMatching(/^claude/), display_name: expect.any(String), created_at: expect.any(String) });
  const other = await up.relay.get("/v1/models", openai(up.relay.admin.key));
  expect(other.body.object).toBe("list");
  expect(other.body.data[0]).toMatchObject({ object: "model", owned_by: expect.any(String), created: expect.any(Number) });
});

test("a key sees only the models that it may use", async () => {
  const key = await person.key({ models: ["claude-haiku-*"] });
  const ids = (await up.relay.get("/v1/models", anthropic(key.key))).body.data.map((model: any) => model.id);
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.every((id: string) => id.startsWith("claude-haiku-"))).toBe(true);
  expect((await up.relay.get("/v1/models/claude-sonnet-5-5", anthropic(key.key))).status).toBe(404);
  expect((await up.relay.get(`/v1/models/${ids[0]}`, anthropic(key.key))).status).toBe(200);
});

test("a model that nobody has is 404 in the dialect's shape", async () => {
  const missing = await up.relay.get("/v1/models/claude-none", anthropic(up.relay.admin.key));
  expect(missing.status).toBe(404);
  expect(missing.body.error.type).toBe("not_found_error");
});

test("the list needs a key", async () => {
  expect((await up.relay.get("/v1/models", { "anthropic-version": "2023-06-01" })).status).toBe(401);
});

test("refusals are logged with the request's id; keys, prompts and answers never are", async () => {
  const prompt = "a-prompt-that-nobody-else-may-read";
  const passed = await up.relay.messages(messagesRequest({ messages: [{ role: "user", content: prompt }] }));
  expect(passed.text).toContain(prompt); // simulate says it again, so it is in the answer too
  await up.relay.messages(messagesRequest({ stream: true, messages: [{ role: "user", content: prompt }] }));
  const stranger = "sk-ant-api03-a-strangers-real-key-0123456789";
  const refused = await up.relay.post("/v1/messages", messagesRequest(), { "x-api-key": stranger });
  const secretQuery = "token=in-the-query-0123456789";
  await up.relay.get(`/api/client/nothing?${secretQuery}`, { authorization: `Bearer ${stranger}`, cookie: "sid=a-cookie-0123456789" });
  up.relay.keepSecret(prompt, stranger, secretQuery, "a-cookie-0123456789"); // searched for when the relay has stopped
  const id = refused.headers.get("x-relay-request-id")!;

  let text = "";
  for (const until = performance.now() + 5_000; !text.includes(id) && performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const folder = join(up.relay.folder, "logs");
    const files = await readdir(folder);
    for (const file of files) expect(file).toMatch(/^claude-relay-.*\.log$/);
    text = (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("");
  }
  expect(text).toContain(id);
});
