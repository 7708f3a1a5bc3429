// What the official SDKs make of a provider's faults that come through the relay: classes of errors, how often they try,
// what they keep of a broken stream. The stand-in provider and a third party's one fail in turn.
import { LLMock } from "@copilotkit/aimock";
import Anthropic0 from "anthropic-sdk-0";
import Anthropic1 from "anthropic-sdk-1";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const mock = new LLMock({ port: 0 });
beforeAll(async () => {
  for (const status of [400, 401, 403, 404, 429]) mock.onMessage(`fail with ${status}`, { error: { message: `the mock's ${status}`, type: "some_error" }, status, retryAfter: 0 });
  mock.onMessage("be cut", { content: "one two three four five six seven eight nine ten" }, { chunkSize: 4, truncateAfterChunks: 6, latency: 10 });
  await mock.start();
});
afterAll(() => mock.stop());
const mocked = useRelay(() => ({ upstream: mock.url }));

type Where = typeof simulated;
interface Sdk {
  errors: any;
  ask(where: Where, text: string, headers?: Record<string, string>): Promise<unknown>;
  /** Its text; what it threw; its last event. */
  stream(where: Where, text: string, headers?: Record<string, string>): Promise<{ text: string; thrown?: any; last?: any }>;
}

async function read(events: Promise<AsyncIterable<any>>, textOf: (event: any) => string | undefined) {
  let text = "";
  let last;
  try {
    for await (const event of await events) {
      text += textOf(event) ?? "";
      last = event;
    }
  } catch (thrown) {
    return { text, thrown, last };
  }
  return { text, last };
}

const anthropic = (errors: any): Sdk => {
  const call = (where: Where, content: string, headers?: object, stream = false) =>
    new errors({ apiKey: where.relay.admin.key, baseURL: where.relay.url, defaultHeaders: headers }).messages.create({ model: "claude-sonnet-5-5", max_tokens: 500, stream, messages: [{ role: "user", content }] });
  return { errors, ask: call, stream: (where, text, headers) => read(call(where, text, headers, true), (event) => event.delta?.text) };
};
const openai = (where: Where, headers?: Record<string, string>) => new OpenAI({ apiKey: where.relay.admin.key, baseURL: `${where.relay.url}/v1`, defaultHeaders: headers });
const model = "gpt-5.4";
const sdks: [string, Sdk][] = [
  ["@anthropic-ai/sdk 0.137.0", anthropic(Anthropic0)],
  ["@anthropic-ai/sdk 1.12.0", anthropic(Anthropic1)],
  [
    "openai chat",
    {
      errors: OpenAI,
      ask: (where, content, headers) => openai(where, headers).chat.completions.create({ model, messages: [{ role: "user", content }] }),
      stream: (where, content, headers) => read(openai(where, headers).chat.completions.create({ model, stream: true, messages: [{ role: "user", content }] }), (event) => event.choices[0]?.delta.content),
    },
  ],
  [
    "openai responses",
    {
      errors: OpenAI,
      ask: (where, input, headers) => openai(where, headers).responses.create({ model, input }),
      stream: (where, input, headers) => read(openai(where, headers).responses.create({ model, stream: true, input }), (event) => (event.type === "response.output_text.delta" ? event.delta : "")),
    },
  ],
];
const thrownBy = (call: Promise<unknown>): Promise<any> => call.then(() => undefined, (thrown) => thrown);

describe.each(sdks)("%s", (name, sdk) => {
  const saysInStream = name !== "openai responses"; // which ends with the event, and throws nothing

  test.each([
    ["status=400", "BadRequestError", 1],
    ["status=401", "AuthenticationError", 1],
    ["status=403", "PermissionDeniedError", 1],
    ["status=404", "NotFoundError", 1],
    ["status=429,retry-after-ms=20", "RateLimitError", 3],
    ["status=429,no-retry", "RateLimitError", 1],
    ["status=500,retry-after-ms=20", "InternalServerError", 3],
    ["status=529,retry-after-ms=20", "InternalServerError", 3],
  ])("%s throws %s, after so many requests", async (words, kind, requests) => {
    await up.simulate.reset();
    const thrown = await thrownBy(sdk.ask(simulated, "hello", { "x-simulate": words }));
    expect(thrown).toBeInstanceOf(sdk.errors[kind]);
    expect(thrown.status).toBe(Number(words.slice(7, 10)));
    expect((await up.simulate.stats()).requests).toBe(requests);
  });

  test.runIf(sdk.errors === OpenAI)("Retry-After is kept to", async () => {
    const from = performance.now();
    await sdk.ask(simulated, "hello", { "x-simulate": "status=429,retry-after=1,times=1" });
    expect(performance.now() - from).toBeGreaterThanOrEqual(990);
  });

  test("a connection that is reset before the head is tried again", async () => {
    await up.simulate.reset();
    await sdk.ask(simulated, "hello", { "x-simulate": "reset=head,times=1" });
    expect((await up.simulate.stats()).requests).toBe(2);
  });

  test.each([0, 4])("an error event behind %i others ends the stream, and is not tried again", async (events) => {
    await up.simulate.reset();
    const { thrown, last } = await sdk.stream(simulated, "hello over there", { "x-simulate": `error-event=${events},events=20` });
    if (saysInStream) expect(thrown).toBeInstanceOf(sdk.errors.APIError);
    else expect(["error", "response.failed"]).toContain(last?.type ?? "error");
    expect((await up.simulate.stats()).requests).toBe(1);
  });

  test("a stream that is cut throws, keeps its text and is not tried again", async () => {
    await up.simulate.reset();
    const { text, thrown } = await sdk.stream(simulated, "hello over there", { "x-simulate": "cut=8,events=20" });
    expect(thrown).toBeInstanceOf(Error);
    expect(text.length).toBeGreaterThan(0);
    expect((await up.simulate.stats()).requests).toBe(1);
  });

  test("pings while it waits are no part of the answer", async () => {
    const { text, thrown } = await sdk.stream(simulated, "hello over there", { "x-simulate": "pings=50,first=300" });
    expect(thrown).toBeUndefined();
    expect(text).toContain("hello over there");
  });

  test.each([
    [400, "BadRequestError", 1],
    [401, "AuthenticationError", 1],
    [403, "PermissionDeniedError", 1],
    [404, "NotFoundError", 1],
    [429, "RateLimitError", 3],
  ])("the mock's %i throws %s, after so many requests", async (status, kind, requests) => {
    mock.clearRequests();
    const thrown = await thrownBy(sdk.ask(mocked, `fail with ${status}`));
    expect(thrown).toBeInstanceOf(sdk.errors[kind]);
    expect(thrown.message).toContain(`the mock's ${status}`);
    expect(mock.getRequests()).toHaveLength(requests);
  });

  test("the mock's cut stream throws, keeps its text and is not tried again", async () => {
    mock.clearRequests();
    const { text, thrown } = await sdk.stream(mocked, "be cut");
    expect(thrown).toBeInstanceOf(Error);
    expect("one two three four five six seven eight nine ten").toContain(text);
    expect(mock.getRequests()).toHaveLength(1);
  });
});
