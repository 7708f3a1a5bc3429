// The official Anthropic SDK, both generations, through the relay.
import Anthropic0 from "anthropic-sdk-0";
import Anthropic1 from "anthropic-sdk-1";
import { describe, expect, test } from "vitest";
import { useProvider, useRelay, useSimulate } from "../support/use";
import { answer, chunk, startStream, type ProviderRequest } from "../support/provider";
import { upstreamKeys } from "../support/relay";
import { message, messageEvents } from "../support/answers";
import { timed } from "../support/until";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));

const model = "claude-sonnet-5-5";
const hello = { model, max_tokens: 100, messages: [{ role: "user" as const, content: "hello over there" }] };
const json = { "content-type": "application/json" };

describe.each([
  ["0.137.0", Anthropic0 as any, "x-api-key", "2023-06-01"],
  ["1.12.0", Anthropic1 as any, "authorization", "2026-10-21"],
])("@anthropic-ai/sdk %s", (_, Anthropic, keyHeader, version) => {
  const client = (relay: { url: string; admin: { key: string } } = simulated.relay, more: object = {}) => new Anthropic({ apiKey: relay.admin.key, baseURL: relay.url, ...more });

  test("create", async () => {
    const made = await client().messages.create(hello);
    expect(made).toMatchObject({ type: "message", role: "assistant", model, stop_reason: "end_turn", id: expect.stringMatching(/^msg_/) });
    expect(made.content[0].text).toContain("hello over there");
    expect(made.usage.output_tokens).toBeGreaterThan(0);
  });

  test("stream, with every event and the final message", async () => {
    const stream = client().messages.stream({ ...hello, messages: [{ role: "user", content: "[[simulate: events=20, gap=1]] go on" }] });
    const kinds = new Set<string>();
    let text = "";
    for await (const event of stream) {
      kinds.add(event.type);
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
    }
    const final = await stream.finalMessage();
    for (const kind of ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]) expect(kinds).toContain(kind);
    expect(final.content[0].text).toBe(text);
    expect(final.stop_reason).toBe("end_turn");
  });

  test("text of many bytes a letter, cut anywhere on its way", async () => {
    const stream = client().messages.stream({ ...hello, messages: [{ role: "user", content: "[[simulate: unicode, events=5, size=90, chunk=7]]" }] });
    const final = await stream.finalMessage();
    expect(final.content[0].text).toContain("🙂");
    expect(final.content[0].text).not.toContain("\ufffd");
  });

  test("a tool's round trip", async () => {
    const tools = [{ name: "get_weather", description: "Weather", input_schema: { type: "object" as const, properties: { city: { type: "string" as const } } } }];
    const question = { role: "user" as const, content: 'use tool get_weather {"city":"Bern"}' };
    const asked = await client().messages.create({ ...hello, tools, messages: [question] });
    expect(asked.stop_reason).toBe("tool_use");
    const use = asked.content.find((block: any) => block.type === "tool_use");
    expect(use).toMatchObject({ name: "get_weather", input: { city: "Bern" } });
    const result = { role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: use.id, content: "12 degrees" }] };
    const told = await client().messages.create({ ...hello, tools, messages: [question, { role: "assistant", content: asked.content }, result] });
    expect(told.content.map((block: any) => block.text ?? "").join("")).toContain("12 degrees");
    const streamed = await client().messages.stream({ ...hello, tools, messages: [question] }).finalMessage();
    expect(streamed.content.find((block: any) => block.type === "tool_use")).toMatchObject({ input: { city: "Bern" } });
  });

  test("count_tokens", async () => {
    const counted = await client().messages.countTokens({ model, messages: hello.messages });
    expect(counted.input_tokens).toBeGreaterThan(0);
    const others = await client().messages.countTokens({ model: "gpt-6-sol", messages: hello.messages });
    expect(others.input_tokens).toBeGreaterThan(0);
  });

  test("models, listed and one of them", async () => {
    const ids: string[] = [];
    for await (const listed of client().models.list()) ids.push(listed.id);
    expect(ids).toContain(model);
    expect(ids.findIndex((id) => !/^(claude|anthropic)/.test(id))).toBe(ids.indexOf("gpt-6-sol")); // behind all of Anthropic's own
    expect(await client().models.retrieve("gpt-6-sol")).toMatchObject({ id: "gpt-6-sol", type: "model", display_name: "gpt-6-sol" });
    expect(await client().models.retrieve(model)).toMatchObject({ id: model, type: "model" });
  });

  test("beta calls", async () => {
    const made = await client().beta.messages.create({ ...hello, betas: ["context-management-2025-06-27"] });
    expect(made.content[0].text).toContain("hello over there");
  });

  test("its version and headers reach the provider, its key does not", async () => {
    provider.reply = (request) => answer(request, 200, { ...json, "request-id": "req_provider_1" }, JSON.stringify(message("msg_sdk")));
    const { response } = await client(scripted.relay).messages.create(hello).withResponse();
    const sent = provider.last;
    expect(sent.get("anthropic-version")).toBe(version);
    expect(sent.get("x-stainless-lang")).toBe("js");
    expect(sent.get("x-api-key")).toBe(upstreamKeys.anthropic);
    expect(JSON.stringify(sent.fields)).not.toContain(scripted.relay.admin.key);
    expect(["x-api-key", "authorization"]).toContain(keyHeader);
    expect(response.headers.get("request-id")).toBe("req_provider_1");
  });

  test("a bearer token as the SDK sends it opens the relay too", async () => {
    const bearer = new Anthropic({ apiKey: null, authToken: simulated.relay.admin.key, baseURL: simulated.relay.url });
    expect((await bearer.messages.create(hello)).type).toBe("message");
  });

  const refusals = [
    [400, "BadRequestError", 1],
    [401, "AuthenticationError", 1],
    [403, "PermissionDeniedError", 1],
    [404, "NotFoundError", 1],
    [413, "ContentTooLargeError", 1],
    [429, "RateLimitError", 3],
    [500, "InternalServerError", 3],
    [529, "APIError", 3],
  ] as const;
  test.each(refusals)("a provider's %i throws %s after %i request(s)", async (status, kind, requests) => {
    const body = { type: "error", error: { type: "some_error", message: `the provider's ${status}` }, request_id: "req_1" };
    provider.reply = (request) => answer(request, status, json, JSON.stringify(body));
    const thrown: any = await client(scripted.relay).messages.create(hello).catch((error: unknown) => error);
    if (kind && Anthropic[kind]) expect(thrown).toBeInstanceOf(Anthropic[kind]); // the older SDK has fewer
    expect(thrown).toBeInstanceOf(Anthropic.APIError);
    expect(thrown.status).toBe(status);
    expect(thrown.message).toContain(`the provider's ${status}`);
    expect(provider.requests).toHaveLength(requests);
  });

  test("Retry-After is honoured through the relay", async () => {
    let times = 0;
    provider.reply = (request) => (times++ === 0 ? answer(request, 429, { ...json, "retry-after": "1" }, "{}") : answer(request, 200, json, JSON.stringify(message("msg_late"))));
    const from = performance.now();
    expect((await client(scripted.relay).messages.create(hello)).id).toBe("msg_late");
    expect(performance.now() - from).toBeGreaterThanOrEqual(990);
    expect(provider.requests).toHaveLength(2);
  });

  test("the relay's own refusal is not tried again", timed, async () => {
    const from = performance.now();
    const refused = new Anthropic({ apiKey: "cr_nonsense", baseURL: scripted.relay.url });
    await expect(refused.messages.create(hello)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    expect(performance.now() - from).toBeLessThan(400);
  });

  const streamed = async (reply: (request: ProviderRequest) => unknown) => {
    provider.reply = reply;
    let text = "";
    const stream = await client(scripted.relay).messages.create({ ...hello, stream: true });
    try {
      for await (const event of stream) if (event.type === "content_block_delta") text += event.delta.text;
    } catch (error) {
      return { text, thrown: error as any };
    }
    return { text };
  };

  test("a cut stream throws, with the text so far kept, and is not tried again", async () => {
    const { text, thrown } = await streamed((request) => {
      startStream(request);
      request.socket.write(chunk(messageEvents("msg_cut").slice(0, 4).join("")), () => request.socket.destroy());
    });
    expect(text).toBe("Hello ");
    expect(thrown).toBeInstanceOf(Error);
    expect(provider.requests).toHaveLength(1);
  });

  test("an error event in a stream throws the provider's error", async () => {
    const { thrown } = await streamed((request) => {
      startStream(request);
      const overloaded = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
      request.socket.write(Buffer.concat([chunk(messageEvents("msg_err")[0]!), chunk(overloaded), Buffer.from("0\r\n\r\n")]));
    });
    expect(thrown).toBeInstanceOf(Anthropic.APIError);
    expect(String(thrown.message)).toContain("Overloaded");
  });

  test("leaving a stream cancels it at the provider", timed, async () => {
    provider.reply = (request) => {
      startStream(request);
      request.socket.write(chunk(messageEvents("msg_abort").slice(0, 4).join("")));
    };
    const stream = await client(scripted.relay).messages.create({ ...hello, stream: true });
    for await (const event of stream) if (event.type === "content_block_delta") break;
    const from = performance.now();
    while (!provider.last.socket.destroyed && performance.now() - from < 2_000) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - from).toBeLessThan(200);
  });
});
