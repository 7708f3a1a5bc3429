// The Vercel AI SDK's Anthropic and OpenAI providers through the relay: whole answers, streams, tools, objects.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, embed, embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { expect, test } from "vitest";
import { event, message, messageEvents } from "../support/answers";
import { answer, chunk, startStream } from "../support/provider";
import { useProvider, useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));

const openai = () => createOpenAI({ baseURL: `${simulated.relay.url}/v1`, apiKey: simulated.relay.admin.key });
const anthropic = (relay = simulated.relay, apiKey = relay.admin.key) => createAnthropic({ baseURL: `${relay.url}/v1`, apiKey });
const models = {
  "Anthropic Messages": () => anthropic()("claude-sonnet-5"),
  "OpenAI Chat": () => openai().chat("gpt-5.4"),
  "OpenAI Responses": () => openai().responses("gpt-5.4"),
};

test.each(Object.entries(models))("%s: a whole answer, and its usage", async (_, model) => {
  const { text, usage, finishReason } = await generateText({ model: model(), prompt: "hello over there" });
  expect(text).toContain("hello over there");
  expect(finishReason).toBe("stop");
  expect(usage.inputTokens).toBeGreaterThan(0);
  expect(usage.outputTokens).toBeGreaterThan(0);
});

test.each(Object.entries(models))("%s: a stream gives the same text, and usage", async (_, model) => {
  const stream = streamText({ model: model(), prompt: "hello over there" });
  let text = "";
  for await (const part of stream.textStream) text += part;
  expect(text).toContain("hello over there");
  expect((await stream.usage).outputTokens).toBeGreaterThan(0);
});

test("OpenAI Embeddings: of one text and of many", async () => {
  const model = openai().embedding("text-embedding-3-large");
  const one = await embed({ model, value: "hello over there" });
  expect(one.embedding).toHaveLength(3072);
  expect(one.usage.tokens).toBe(4);
  const { embeddings, usage } = await embedMany({ model, values: ["hello over there", "hello"] });
  expect(embeddings).toHaveLength(2);
  expect(usage.tokens).toBe(6);
});

test("a tool is called, and its result goes back in a second request", async () => {
  provider.reply = (request) => {
    const hasResult = JSON.stringify(request.json().messages).includes('"tool_result"');
    const events = messageEvents(hasResult ? "msg_done" : "msg_tool");
    if (!hasResult) {
      const block = { type: "tool_use", id: "toolu_1", name: "weather", input: {} };
      events.splice(
        1,
        events.length - 3,
        event({ type: "content_block_start", index: 0, content_block: block } as any),
        event({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"city":' } } as any),
        event({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '"Bern"}' } } as any),
        event({ type: "content_block_stop", index: 0 } as any),
      );
      events[events.length - 2] = event({ type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 500 } } as any);
    }
    startStream(request);
    request.socket.write(Buffer.concat([...events.map(chunk), Buffer.from("0\r\n\r\n")]));
  };
  const asked: string[] = [];
  const weather = tool({
    description: "the weather of a city",
    inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
    execute: async ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });
  const stream = streamText({ model: anthropic(scripted.relay)("claude-sonnet-5"), prompt: "how is it?", tools: { weather }, stopWhen: stepCountIs(3) });
  await stream.consumeStream();
  expect(asked).toEqual(["Bern"]);
  expect(provider.requests).toHaveLength(2);
  expect(JSON.stringify(provider.last.json().messages)).toContain("sunny in Bern");
});

test("a refused key is an error with its status, not retried", async () => {
  const failed = generateText({ model: anthropic(scripted.relay, "sk-wrong")("claude-sonnet-5"), prompt: "hello" });
  const error: unknown = await failed.then(() => undefined, (reason) => reason);
  expect(APICallError.isInstance(error) && [error.statusCode, error.isRetryable]).toEqual([401, false]);
  expect(provider.requests).toHaveLength(0);
});

test("an overloaded provider is tried again", async () => {
  let calls = 0;
  provider.reply = (request) =>
    ++calls === 1
      ? answer(request, 529, { "content-type": "application/json" }, JSON.stringify({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }))
      : answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_again")));
  const { text } = await generateText({ model: anthropic(scripted.relay)("claude-sonnet-5"), prompt: "hello" });
  expect(text.length).toBeGreaterThan(0);
  expect(calls).toBe(2);
});
