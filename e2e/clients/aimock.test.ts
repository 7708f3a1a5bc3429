// A third party's stand-in for the providers behind the relay: its fixtures come through to the official SDKs.
import { LLMock } from "@copilotkit/aimock";
import Anthropic0 from "anthropic-sdk-0";
import Anthropic1 from "anthropic-sdk-1";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useRelay } from "../support/use";
import { Person } from "../support/people";

const mock = new LLMock({ port: 0 });
beforeAll(async () => {
  mock.onMessage("hello", { content: "Hi there, says the mock." });
  mock.onMessage("weather", { toolCalls: [{ name: "get_weather", arguments: '{"city":"Bern"}' }] });
  await mock.start();
});
afterAll(() => mock.stop());
const up = useRelay(() => ({ upstream: mock.url }));

const hello = { max_tokens: 100, messages: [{ role: "user" as const, content: "hello" }] };
const tools = [{ name: "get_weather", description: "Weather", input_schema: { type: "object" as const, properties: { city: { type: "string" } } } }];

test.each([
  ["0.137.0", Anthropic0 as any],
  ["1.12.0", Anthropic1 as any],
])("@anthropic-ai/sdk %s: create, stream, tools", async (_, Anthropic) => {
  const client = new Anthropic({ apiKey: up.relay.admin.key, baseURL: up.relay.url });
  const model = "claude-sonnet-5-5";
  const made = await client.messages.create({ model, ...hello });
  expect(made.content[0].text).toBe("Hi there, says the mock.");
  const streamed = await client.messages.stream({ model, ...hello }).finalMessage();
  expect(streamed.content[0].text).toBe("Hi there, says the mock.");
  const asked = await client.messages.create({ model, max_tokens: 100, tools, messages: [{ role: "user", content: "weather" }] });
  expect(asked.content.find((block: any) => block.type === "tool_use")).toMatchObject({ name: "get_weather", input: { city: "Bern" } });
});

test("models, of which the mock has a list", async () => {
  const listed = await up.relay.get("/v1/models", { "x-api-key": up.relay.admin.key });
  expect(listed.status).toBe(200);
  expect(listed.body.data.length).toBeGreaterThan(0);
});

test("openai: chat and responses, JSON and streams", async () => {
  const client = new OpenAI({ apiKey: up.relay.admin.key, baseURL: `${up.relay.url}/v1` });
  const model = "gpt-5.4";
  const made = await client.chat.completions.create({ model, messages: hello.messages });
  expect(made.choices[0]!.message.content).toBe("Hi there, says the mock.");
  let text = "";
  for await (const part of await client.chat.completions.create({ model, messages: hello.messages, stream: true })) text += part.choices[0]?.delta.content ?? "";
  expect(text).toBe("Hi there, says the mock.");
  expect((await client.responses.create({ model, input: "hello" })).output_text).toBe("Hi there, says the mock.");
  let last;
  for await (const event of await client.responses.create({ model, input: "hello", stream: true })) last = event.type;
  expect(last).toBe("response.completed");
});

test("what it reports is metered", async () => {
  const person = await Person.admin(up.relay);
  const key = await person.key();
  const client = new Anthropic1({ apiKey: key.key, baseURL: up.relay.url });
  const { usage } = await client.messages.create({ model: "claude-sonnet-5-5", ...hello });
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens).toMatchObject({ input: usage.input_tokens, output: usage.output_tokens });
});
