// The official clients of one provider with a model of the other.
import Anthropic0 from "anthropic-sdk-0";
import Anthropic1 from "anthropic-sdk-1";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const responses = useRelay(() => ({ upstream: up.simulate.url }));
const chat = useRelay(() => ({ upstream: up.simulate.url, env: { OPENAI_DIALECT: "chat" } }));

const schema = { type: "object" as const, properties: { city: { type: "string" as const } }, required: ["city"] };
const wish = 'use tool get_weather {"city":"Bern"}';

describe("openai asks for a Claude model", () => {
  const model = "claude-sonnet-5";
  const client = () => new OpenAI({ apiKey: responses.relay.admin.key, baseURL: `${responses.relay.url}/v1` });
  const messages = [{ role: "system" as const, content: "Be short." }, { role: "user" as const, content: "hello over there" }];
  const tools = [{ type: "function" as const, function: { name: "get_weather", description: "Weather", parameters: schema } }];

  test("chat", async () => {
    const made = await client().chat.completions.create({ model, messages });
    expect(made).toMatchObject({ object: "chat.completion", model, choices: [{ finish_reason: "stop" }] });
    expect(made.choices[0]!.message.content).toContain("hello over there");
    expect(made.usage!.total_tokens).toBe(made.usage!.prompt_tokens + made.usage!.completion_tokens);
  });

  test("chat, streamed, with usage", async () => {
    let text = "";
    let usage;
    for await (const part of await client().chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) {
      text += part.choices[0]?.delta.content ?? "";
      usage = part.usage ?? usage;
    }
    expect(text).toContain("hello over there");
    expect(usage!.completion_tokens).toBeGreaterThan(0);
  });

  test("a tool's round trip in a stream", async () => {
    const question = { role: "user" as const, content: wish };
    const asked = await client().chat.completions.stream({ model, messages: [question], tools, parallel_tool_calls: false }).finalMessage();
    const call: any = asked.tool_calls![0];
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual({ city: "Bern" });
    const told = await client().chat.completions.create({ model, tools, messages: [question, asked as any, { role: "tool", tool_call_id: call.id, content: "12 degrees" }] });
    expect(told.choices[0]!.message.content).toContain("12 degrees");
  });

  test("responses, whole and streamed with a tool", async () => {
    const made = await client().responses.create({ model, input: "hello over there", store: false });
    expect(made.status).toBe("completed");
    expect(made.output_text).toContain("hello over there");
    const events: any[] = [];
    const tool = { type: "function" as const, name: "get_weather", description: "Weather", parameters: schema, strict: false };
    for await (const event of await client().responses.create({ model, input: wish, tools: [tool], store: false, stream: true })) events.push(event);
    expect(events[0].type).toBe("response.created");
    expect(events.at(-1).type).toBe("response.completed");
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index + events[0].sequence_number));
    const done = events.find((event) => event.type === "response.output_item.done" && event.item.type === "function_call");
    expect(JSON.parse(done.item.arguments)).toEqual({ city: "Bern" });
    expect(events.at(-1).response.usage.output_tokens).toBeGreaterThan(0);
  });

  test("errors have the SDK's classes", async () => {
    const failing = (status: number) => client().chat.completions.create({ model: `${model}--status=${status}`, messages }, { maxRetries: 0 });
    await expect(failing(429)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(failing(529)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(failing(404)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

const generations = [
  ["0.137.0", Anthropic0 as any],
  ["1.12.0", Anthropic1 as any],
] as const;
const dialects = [
  ["Responses", responses],
  ["Chat", chat],
] as const;
describe.each(generations.flatMap(([version, sdk]) => dialects.map(([dialect, relay]) => [version, dialect, sdk, relay] as const)))(
  "@anthropic-ai/sdk %s asks for a GPT model over %s",
  (_, __, Anthropic, where) => {
    const model = "gpt-6-sol";
    const client = () => new Anthropic({ apiKey: where.relay.admin.key, baseURL: where.relay.url });
    const hello = { model, max_tokens: 100, system: "Be short.", messages: [{ role: "user" as const, content: "hello over there" }] };
    const tools = [{ name: "get_weather", description: "Weather", input_schema: schema }];

    test("create", async () => {
      const made = await client().messages.create(hello);
      expect(made).toMatchObject({ type: "message", role: "assistant", model, stop_reason: "end_turn" });
      expect(made.content[0].text).toContain("hello over there");
      expect(made.usage.output_tokens).toBeGreaterThan(0);
    });

    test("a tool's round trip in a stream", async () => {
      const question = { role: "user" as const, content: wish };
      const asked = await client().messages.stream({ ...hello, tools, messages: [question] }).finalMessage();
      expect(asked.stop_reason).toBe("tool_use");
      const use = asked.content.find((block: any) => block.type === "tool_use");
      expect(use).toMatchObject({ name: "get_weather", input: { city: "Bern" } });
      const result = { role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: use.id, content: "12 degrees" }] };
      const told = await client().messages.create({ ...hello, tools, messages: [question, { role: "assistant", content: asked.content }, result] });
      expect(told.content[0].text).toContain("12 degrees");
    });

    test("errors have the SDK's classes", async () => {
      const failing = (status: number) => client().messages.create({ ...hello, model: `${model}--status=${status}` }, { maxRetries: 0 });
      await expect(failing(429)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
      await expect(failing(500)).rejects.toBeInstanceOf(Anthropic.InternalServerError);
      await expect(failing(404)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    });
  },
);
