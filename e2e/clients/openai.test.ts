// The official OpenAI SDK through the relay: chat, completions, responses; JSON and streams.
import OpenAI from "openai";
import { expect, test } from "vitest";
import { useProvider, useRelay, useSimulate } from "../support/use";
import { Person } from "../support/people";
import { answer, chunk, startStream } from "../support/provider";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));

const model = "gpt-5.4";
const messages = [{ role: "user" as const, content: "hello over there" }];
const client = (relay: { url: string; admin: { key: string } } = simulated.relay) => new OpenAI({ apiKey: relay.admin.key, baseURL: `${relay.url}/v1` });

test("chat", async () => {
  const made = await client().chat.completions.create({ model, messages });
  expect(made.object).toBe("chat.completion");
  expect(made.choices[0]!.message.content).toContain("hello over there");
  expect(made.usage!.total_tokens).toBe(made.usage!.prompt_tokens + made.usage!.completion_tokens);
});

test("chat, streamed", async () => {
  let text = "";
  for await (const part of await client().chat.completions.create({ model, messages, stream: true })) {
    expect(part.choices.length > 0 || part.usage).toBeTruthy();
    text += part.choices[0]?.delta.content ?? "";
  }
  expect(text).toContain("hello over there");
});

test("chat, streamed with usage", async () => {
  let usage;
  for await (const part of await client().chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) usage = part.usage ?? usage;
  expect(usage!.completion_tokens).toBeGreaterThan(0);
});

test("a client that did not ask for usage sees no chunk of it", async () => {
  const parts = [];
  for await (const part of await client().chat.completions.create({ model, messages, stream: true })) parts.push(part);
  expect(parts.filter((part) => part.choices.length === 0)).toEqual([]);
});

test("completions", async () => {
  const made = await client().completions.create({ model: "gpt-4o-mini", prompt: "hello over there" });
  expect(made.object).toBe("text_completion");
  expect(made.choices[0]!.text).toContain("hello over there");
  let text = "";
  for await (const part of await client().completions.create({ model: "gpt-4o-mini", prompt: "hello over there", stream: true })) text += part.choices[0]?.text ?? "";
  expect(text).toBe(made.choices[0]!.text);
});

test("responses", async () => {
  const made = await client().responses.create({ model, input: "hello over there" });
  expect(made.status).toBe("completed");
  expect(made.output_text).toContain("hello over there");
  expect(made.usage!.output_tokens).toBeGreaterThan(0);
});

test("responses, streamed: created first, completed last, in sequence", async () => {
  const events: any[] = [];
  for await (const event of await client().responses.create({ model, input: "hello over there", stream: true })) events.push(event);
  expect(events[0].type).toBe("response.created");
  expect(events.at(-1).type).toBe("response.completed");
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index + events[0].sequence_number));
  expect(events.map((event) => event.type)).toContain("response.output_item.done");
});

test("embeddings: base64 as the SDK asks by itself, floats, tokens in place of text; metered and priced", async () => {
  const person = await Person.admin(simulated.relay);
  const key = await person.key();
  const { embeddings } = new OpenAI({ apiKey: key.key, baseURL: `${simulated.relay.url}/openai/v1` });
  const small = "text-embedding-3-small";
  const made = await embeddings.create({ model: small, input: ["hello over there", "hello"] }); // 4 tokens and 2
  expect(made.data.map((each) => [each.index, each.embedding.length])).toEqual([[0, 1536], [1, 1536]]);
  const floats = await embeddings.create({ model: small, input: "hello", encoding_format: "float" });
  expect(floats.data[0]!.embedding).toEqual(made.data[0]!.embedding);
  const short = await embeddings.create({ model: "text-embedding-3-large", input: [[1, 2, 3]], dimensions: 4 });
  expect(short.data[0]!.embedding).toHaveLength(4);
  expect([made.usage, floats.usage, short.usage].map((usage) => [usage.prompt_tokens, usage.total_tokens])).toEqual([[6, 6], [2, 2], [3, 3]]);
  const { totals } = await person.usage(key.id, 3);
  expect(totals.tokens).toMatchObject({ input: 11, output: 0 });
  expect(Number(totals.cost).toFixed(9)).toBe("0.000000550"); // 8 at 20 nano-dollars, 3 at 130
}, 20_000);

test("models", async () => {
  const ids = [];
  for await (const listed of client().models.list()) ids.push(listed.id);
  expect(ids).toContain("gpt-5.5");
  expect((await client().models.retrieve("gpt-5.5")).id).toBe("gpt-5.5");
  expect(ids).toContain("claude-opus-5-5");
  expect(await client().models.retrieve("claude-opus-5-5")).toMatchObject({ id: "claude-opus-5-5", object: "model", owned_by: "anthropic" });
});

test.each([
  [400, OpenAI.BadRequestError, 1],
  [401, OpenAI.AuthenticationError, 1],
  [403, OpenAI.PermissionDeniedError, 1],
  [404, OpenAI.NotFoundError, 1],
  [429, OpenAI.RateLimitError, 3],
  [500, OpenAI.InternalServerError, 3],
] as const)("a provider's %i throws its class after its number of requests", async (status, kind, requests) => {
  const error = { message: `the provider's ${status}`, type: "some_error", param: "x", code: "some_code" };
  provider.reply = (request) => answer(request, status, { "content-type": "application/json" }, JSON.stringify({ error }));
  const thrown: any = await client(scripted.relay).chat.completions.create({ model, messages }).catch((failed: unknown) => failed);
  expect(thrown).toBeInstanceOf(kind);
  expect(thrown).toMatchObject({ status, code: "some_code", param: "x" });
  expect(provider.requests).toHaveLength(requests);
});

test("the relay's own refusal is not tried again, and names its code", async () => {
  const refused = new OpenAI({ apiKey: "cr_nonsense", baseURL: `${scripted.relay.url}/v1` });
  const thrown: any = await refused.responses.create({ model, input: "hi" }).catch((failed: unknown) => failed);
  expect(thrown).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(thrown.code).toBe("invalid_api_key");
  expect(provider.requests).toHaveLength(0);
});

test("a cut stream throws", async () => {
  provider.reply = (request) => {
    startStream(request);
    request.socket.write(chunk('data: {"id":"chatcmpl_1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n'), () => request.socket.destroy());
  };
  const read = async () => {
    for await (const part of await client(scripted.relay).chat.completions.create({ model, messages, stream: true })) expect(part.id).toBe("chatcmpl_1");
  };
  await expect(read()).rejects.toThrow();
});
