// A model that only the other provider has is asked for there, in its words, and metered by what it reported.
import { beforeAll, describe, expect, test } from "vitest";
import { useProvider, useRelay, useSimulate } from "../support/use";
import { answer, chunk, startStream } from "../support/provider";
import { Person } from "../support/people";
import { upstreamKeys } from "../support/relay";
import { costOfUsage, message, messageEvents } from "../support/answers";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const chatOnly = useRelay(() => ({ upstream: up.simulate.url, env: { OPENAI_DIALECT: "chat" } }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));
const scriptedChat = useRelay(() => ({ upstream: provider.url, env: { OPENAI_DIALECT: "chat" } }));
const untranslated = useRelay(() => ({ upstream: provider.url, env: { ANTHROPIC_MODELS: "none", OPENAI_MODELS: "none" } }));

const words = (text: string) => [{ role: "user", content: text }];
const chat = (model: string, text = "hello over there") => ({ model, messages: words(text) });
const responses = (model: string, text = "hello over there") => ({ model, store: false, input: text });
const messages = (model: string, text = "hello over there") => ({ model, max_tokens: 200, messages: words(text) });

const pairs = [
  { name: "Chat over Messages", up: simulated, path: "/v1/chat/completions", body: chat, model: "claude-sonnet-5", end: "data: [DONE]\n\n" },
  { name: "Responses over Messages", up: simulated, path: "/v1/responses", body: responses, model: "claude-sonnet-5", end: '"type":"response.completed"' },
  { name: "Messages over Responses", up: simulated, path: "/v1/messages?beta=true", body: messages, model: "gpt-6-sol", end: "event: message_stop\n" },
  { name: "Messages over Chat", up: chatOnly, path: "/v1/messages", body: messages, model: "gpt-6-sol", end: "event: message_stop\n" },
];

describe.each(pairs)("$name", ({ up, path, body, model, end }) => {
  let person: Person;
  beforeAll(async () => {
    person = await Person.admin(up.relay);
  });
  const call = (key: any, more: object = {}, asked = model, text?: string) => up.relay.post(path, { ...body(asked, text), ...more }, { "x-api-key": key.key });

  test("a stream and a whole answer say the same, and cost the same", async () => {
    const seen: any[] = [];
    for (const more of [{}, { stream: true }]) {
      const key = await person.key();
      const made = await call(key, more);
      expect(made.status, made.text).toBe(200);
      expect(made.text).toContain("over there");
      if ("stream" in more) expect(made.text).toContain(end);
      seen.push((await person.usage(key.id, 1)).totals);
    }
    expect(seen[0].tokens.output).toBeGreaterThan(0);
    expect(Number(seen[0].cost)).toBeGreaterThan(0);
    expect(seen[1].tokens).toEqual(seen[0].tokens);
    expect(seen[1].cost).toEqual(seen[0].cost);
    expect(seen[1].errors).toBe(0);
  });

  test.each([400, 401, 403, 404, 429, 500, 529])("the provider's %i comes as that, in the client's shape", async (status) => {
    const key = await person.key();
    const refused = await call(key, {}, `${model}--status=${status},retry-after=3`);
    expect(refused.status).toBe(status);
    expect(refused.headers.get("retry-after")).toBe("3");
    if (path.startsWith("/v1/messages")) {
      expect(refused.body).toMatchObject({ type: "error", error: { type: expect.any(String), message: expect.any(String) } });
    } else {
      expect(refused.body).toMatchObject({ error: { type: expect.any(String), message: expect.any(String), param: null } });
    }
    const { totals } = await person.usage(key.id, 1);
    expect(totals).toMatchObject({ errors: 1, tokens: { input: 0, output: 0 } });
  });

  test("an answer that comes compressed all the same is read", async () => {
    for (const more of [{}, { stream: true }]) {
      const key = await person.key();
      const made = await call(key, more, `${model}--gzip`);
      expect(made.status, made.text).toBe(200);
      expect(made.headers.get("content-encoding")).toBeNull();
      expect(made.text).toContain("over there");
      expect((await person.usage(key.id, 1)).totals.tokens.output).toBeGreaterThan(0);
    }
  });

  test("an error in the middle of a stream is one for the client", async () => {
    const key = await person.key();
    const made = await call(key, { stream: true }, `${model}--error-event=3`);
    expect(made.status).toBe(200);
    expect(made.text).toMatch(/"error"|response\.failed/);
    expect(made.text).not.toContain(end);
  });

  test("a client that leaves ends the upstream's call", async () => {
    const key = await person.key();
    const before = (await upstreamStats()).aborted;
    const leaving = new AbortController();
    const response = await fetch(up.relay.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key.key },
      body: JSON.stringify({ ...body(`${model}--events=1000,gap=50`), stream: true }),
      signal: leaving.signal,
    });
    await response.body!.getReader().read();
    leaving.abort();
    await expect.poll(async () => (await upstreamStats()).aborted, { timeout: 2_000 }).toBe(before + 1);
    const { totals } = await person.usage(key.id, 1);
    expect(totals.requests).toBe(1);
  });
});

async function upstreamStats() {
  return (await (await fetch(`${up.simulate.url}/_simulate/stats`)).json()) as { aborted: number };
}

test.each([[{}], [{ stream: true }]])("a Claude model's figures are billed to the nano-dollar to who speaks Chat (%j)", async (more) => {
  const person = await Person.admin(scripted.relay);
  const key = await person.key();
  provider.reply = (request) => {
    if (!("stream" in more)) return answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_1")));
    startStream(request);
    for (const event of messageEvents("msg_1")) request.socket.write(chunk(event));
    request.socket.write("0\r\n\r\n");
  };
  const headers = { authorization: `Bearer ${key.key}`, "openai-beta": "x", "openai-organization": "org", "x-stainless-lang": "js" };
  const made = await scripted.relay.post("/v1/chat/completions", { ...chat("claude-sonnet-5-5"), ...more }, headers);
  expect(made.status, made.text).toBe(200);
  expect(provider.last.line).toBe("POST /v1/messages HTTP/1.1");
  expect(provider.last.get("x-api-key")).toBe(upstreamKeys.anthropic);
  expect(provider.last.get("anthropic-version")).toBe("2023-06-01");
  for (const gone of ["authorization", "openai-beta", "openai-organization", "x-stainless-lang"]) expect(provider.last.get(gone)).toBeUndefined();
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens).toMatchObject({ input: 1000, cacheWrite5m: 100, cacheWrite1h: 200, cacheRead: 400, output: 500 });
  expect(Number(totals.cost).toFixed(9)).toBe(Number(costOfUsage).toFixed(9));
});

// gpt-6-sol: 2 | 0.20 | 10 USD per million tokens: 600*2 + 400*0.2 + 500*10 = 6280 millionths of a dollar.
const text = { type: "output_text", text: "Hello there.", annotations: [] };
const item = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [text] };
const response = { id: "resp_1", object: "response", status: "completed", model: "gpt-6-sol", output: [item], usage: { input_tokens: 1000, input_tokens_details: { cached_tokens: 400 }, output_tokens: 500, output_tokens_details: { reasoning_tokens: 100 }, total_tokens: 1500 } };
const responseEvents = [
  { type: "response.created", response: { id: "resp_1", model: "gpt-6-sol" } },
  { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
  { type: "response.content_part.added", output_index: 0, content_index: 0, part: { ...text, text: "" } },
  { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: text.text },
  { type: "response.content_part.done", output_index: 0, content_index: 0, part: text },
  { type: "response.output_item.done", output_index: 0, item },
  { type: "response.completed", response },
];
const chatUsage = { prompt_tokens: 1000, prompt_tokens_details: { cached_tokens: 400 }, completion_tokens: 500, completion_tokens_details: { reasoning_tokens: 100 }, total_tokens: 1500 };
const completion = { id: "chatcmpl_1", object: "chat.completion", created: 1, model: "gpt-6-sol", choices: [{ index: 0, message: { role: "assistant", content: text.text }, finish_reason: "stop" }], usage: chatUsage };
const part = (choices: object[], usage: object | null = null) => ({ ...completion, object: "chat.completion.chunk", choices, usage });
const chatEvents = [
  part([{ index: 0, delta: { role: "assistant", content: text.text }, finish_reason: null }]),
  part([{ index: 0, delta: {}, finish_reason: "stop" }]),
  part([], chatUsage),
];
test.each([
  ["Responses", scripted, "/v1/responses", response, responseEvents, false],
  ["Responses", scripted, "/v1/responses", response, responseEvents, true],
  ["Chat", scriptedChat, "/v1/chat/completions", completion, chatEvents, false],
  ["Chat", scriptedChat, "/v1/chat/completions", completion, chatEvents, true],
])("a GPT model's figures over %s are billed to the nano-dollar to who speaks Messages", async (_, where, path, whole, events, stream) => {
  const person = await Person.admin(where.relay);
  const key = await person.key();
  provider.reply = (request) => {
    if (!stream) return answer(request, 200, { "content-type": "application/json" }, JSON.stringify(whole));
    startStream(request);
    for (const event of events) request.socket.write(chunk(`data: ${JSON.stringify(event)}\n\n`));
    if (path.includes("chat")) request.socket.write(chunk("data: [DONE]\n\n"));
    request.socket.write("0\r\n\r\n");
  };
  const headers = { "x-api-key": key.key, "anthropic-version": "2026-10-21", "anthropic-beta": "x" };
  const made = await where.relay.post("/v1/messages?beta=true", { ...messages("gpt-6-sol"), stream }, headers);
  expect(made.status, made.text).toBe(200);
  expect(made.text).toContain('"output_tokens":500');
  expect(provider.last.line).toBe(`POST ${path} HTTP/1.1`);
  expect(provider.last.get("authorization")).toBe(`Bearer ${upstreamKeys.openai}`);
  for (const gone of ["x-api-key", "anthropic-version", "anthropic-beta"]) expect(provider.last.get(gone)).toBeUndefined();
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens).toMatchObject({ input: 600, cacheRead: 400, output: 500 });
  expect(Number(totals.cost).toFixed(9)).toBe("0.006280000");
});

test("what can't be carried is a 400 that names the field, and reaches nobody", async () => {
  const headers = { "x-api-key": scripted.relay.admin.key };
  const bias = await scripted.relay.post("/v1/chat/completions", { ...chat("claude-sonnet-5"), logit_bias: { 1: 2 } }, headers);
  expect(bias.status).toBe(400);
  expect(bias.body.error).toMatchObject({ type: "invalid_request_error", param: "logit_bias" });
  const embedded = await scripted.relay.post("/v1/embeddings", { model: "claude-sonnet-5", input: "hello" }, headers);
  expect(embedded.status).toBe(400);
  expect(embedded.body.error.message).toContain("claude-sonnet-5");
  expect(provider.requests).toHaveLength(0);
});

test("tokens of a GPT model are counted by OpenAI, or estimated where nobody counts them, and marked", async () => {
  const count = async (where: typeof simulated) => {
    const counted = await where.relay.post("/v1/messages/count_tokens?beta=true", messages("gpt-6-sol"), { "x-api-key": where.relay.admin.key });
    expect(counted.status, counted.text).toBe(200);
    expect(counted.body.input_tokens).toBeGreaterThan(0);
    return counted.headers.get("x-relay-estimated");
  };
  expect(await count(simulated)).toBeNull();
  expect(await count(scriptedChat)).toBe("true");
  expect(provider.requests).toHaveLength(0);
});

test("without models of its own an account is asked by its own clients alone", async () => {
  const body = JSON.stringify(chat("claude-sonnet-5"));
  await untranslated.relay.request("POST", "/v1/chat/completions", body, { "x-api-key": untranslated.relay.admin.key });
  expect(provider.last.line).toBe("POST /v1/chat/completions HTTP/1.1");
  expect(provider.last.body.toString()).toBe(body);
});

test("a request of thirty megabytes is translated", async () => {
  const headers = { "x-api-key": simulated.relay.admin.key };
  const made = await simulated.relay.post("/v1/chat/completions", chat("claude-sonnet-5", "w".repeat(30_000_000)), headers);
  expect(made.status, made.text).toBe(200);
  expect(made.body.usage.prompt_tokens).toBeGreaterThan(7_000_000);
}, 60_000);
