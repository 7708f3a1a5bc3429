// What passes is byte-equal both ways, but for the documented changes of the heads.
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, chunk, startStream } from "../support/provider";
import { upstreamKeys } from "../support/relay";
import { messageEvents, messagesRequest } from "../support/answers";
import { post, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));

async function call(bytes: string | Buffer): Promise<Wire> {
  const wire = await Wire.open(up.relay.port);
  wire.send(bytes);
  return wire;
}

test("a request's body reaches the provider byte for byte, with fields nobody knows", async () => {
  const body = '{ "model":"claude-sonnet-5-5" ,"max_tokens":1e1,\t"x_new":{"a":[1,2,{"b":null}]},\n"messages":[{"role":"user","content":"\\u00e9\\ud83d\\ude00 é😀"}]}';
  const utf8 = Buffer.from(body, "utf8");
  const headers = { "x-api-key": up.relay.admin.key, "content-length": String(utf8.length) };
  const wire = await call(Buffer.concat([Buffer.from(post("/v1/messages", "", headers)), utf8]));
  await wire.until(/\r\n\r\n/);
  expect(provider.last.body.equals(utf8)).toBe(true);
  wire.close();
});

test("unknown headers, betas and the query pass; the key and hop-by-hop fields do not", async () => {
  await up.relay.post("/v1/messages?beta=true&new=%20x", messagesRequest(), {
    authorization: `Bearer ${up.relay.admin.key}`,
    "x-api-key": up.relay.admin.key,
    "anthropic-version": "2026-10-21",
    "anthropic-beta": "claude-code-20250219,not-known-to-anyone-2027-01-01",
    "x-claude-code-session-id": "11111111-2222-3333-4444-555555555555",
    "x-something-new": "as it is;  with  spaces",
  });
  const request = provider.last;
  expect(request.line).toBe("POST /v1/messages?beta=true&new=%20x HTTP/1.1");
  expect(request.get("anthropic-version")).toBe("2026-10-21");
  expect(request.get("anthropic-beta")).toBe("claude-code-20250219,not-known-to-anyone-2027-01-01");
  expect(request.get("x-claude-code-session-id")).toBe("11111111-2222-3333-4444-555555555555");
  expect(request.get("x-something-new")).toBe("as it is;  with  spaces");
  expect(request.get("x-api-key")).toBe(upstreamKeys.anthropic);
  expect(request.get("host")).toBe(`127.0.0.1:${provider.port}`);
  expect(JSON.stringify(request.fields)).not.toContain(up.relay.admin.key);
});

test("fields that Connection names, cookies and proxy fields stay here", async () => {
  const headers = { "x-api-key": up.relay.admin.key, connection: "keep-alive, x-hop", "x-hop": "1", te: "trailers", "keep-alive": "timeout=5", "proxy-authorization": "Basic c2VjcmV0" };
  const wire = await call(post("/v1/messages", messagesRequest(), headers));
  await wire.until(/\r\n\r\n/);
  const names = provider.last.fields.map(([name]) => name.toLowerCase());
  for (const name of ["x-hop", "te", "keep-alive", "proxy-authorization"]) expect(names).not.toContain(name);
  wire.close();
});

test("OpenAI routes get OpenAI's credential as a bearer", async () => {
  const body = { model: "gpt-5.4", messages: [{ role: "user", content: "hi" }] };
  await up.relay.post("/v1/chat/completions", body, { authorization: `Bearer ${up.relay.admin.key}` });
  expect(provider.last.line).toBe("POST /v1/chat/completions HTTP/1.1");
  expect(provider.last.get("authorization")).toBe(`Bearer ${upstreamKeys.openai}`);
  expect(provider.last.get("x-api-key")).toBeUndefined();
});

test.each([
  ["/api/client/relay/messages", "/v1/messages"],
  ["/client/v1/messages", "/v1/messages"],
  ["/api/client/v1/messages", "/v1/messages"],
  ["/api/v1/messages", "/v1/messages"],
  ["/claude/v1/messages", "/v1/messages"],
  ["/api/client/relay/completions", "/v1/completions"],
  ["/responses", "/v1/responses"],
  ["/openai/v1/responses", "/v1/responses"],
  ["/openai/responses", "/v1/responses"],
  ["/openai/v1/chat/completions", "/v1/chat/completions"],
])("%s goes to %s", async (path, upstreamPath) => {
  const model = upstreamPath.endsWith("messages") ? "claude-sonnet-5-5" : "gpt-5.4";
  const passed = await up.relay.post(path, messagesRequest({ model, input: "hi", prompt: "hi" }), { "x-api-key": up.relay.admin.key });
  expect(passed.status).toBe(200);
  expect(provider.last.line).toBe(`POST ${upstreamPath} HTTP/1.1`);
});

test("a JSON answer comes back byte for byte, with headers nobody knows", async () => {
  const body = Buffer.from('{"id":"msg_1" , "new":{"é":[ 1,\n2]},"usage":{"input_tokens":1,"output_tokens":1}}', "utf8");
  const fields = { "content-type": "application/json", "request-id": "req_up_1", "x-new-thing": "a, b", "anthropic-organization-id": "org_1" };
  provider.reply = (request) => answer(request, 200, fields, body);
  const passed = await fetch(`${up.relay.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": up.relay.admin.key },
    body: JSON.stringify(messagesRequest()),
  });
  expect(Buffer.from(await passed.arrayBuffer()).equals(body)).toBe(true);
  for (const [name, value] of Object.entries(fields)) expect(passed.headers.get(name)).toBe(value);
  expect(passed.headers.get("x-relay-request-id")).toMatch(/^req_/);
});

test("a stream comes back byte for byte: unknown events, comments, CRLF, odd chunk sizes", async () => {
  const stream = [
    ...messageEvents("msg_2").slice(0, 4),
    ": keep-alive\r\n\r\n",
    "event: brand_new\r\ndata: {\"type\":\"brand_new\",\r\ndata: \"x\":1}\r\n\r\n",
    "retry: 10\nid: 7\n\n",
    ...messageEvents("msg_2").slice(4),
  ].join("");
  provider.reply = (request) => {
    startStream(request, { "request-id": "req_up_2" });
    const bytes = Buffer.from(stream, "utf8");
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 61 || 1) request.socket.write(chunk(bytes.subarray(at, at + size)));
    request.socket.write("0\r\n\r\n");
  };
  const passed = await up.relay.messages(messagesRequest({ stream: true }));
  expect(passed.text).toBe(stream);
  expect(passed.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
});

test("events go on at once, not when the answer is over", async () => {
  let end: () => void = () => undefined;
  provider.reply = (request) => {
    const [first, ...rest] = messageEvents("msg_3");
    startStream(request);
    request.socket.write(chunk(first!));
    end = () => request.socket.write(Buffer.concat([chunk(rest.join("")), Buffer.from("0\r\n\r\n")]));
  };
  const wire = await call(post("/v1/messages", messagesRequest({ stream: true }), { "x-api-key": up.relay.admin.key }));
  await wire.until(/message_start/, 1_000);
  expect(wire.text).not.toContain("message_stop");
  end();
  await wire.until(/\r\n0\r\n\r\n$/);
  expect(wire.text).toContain("message_stop");
  wire.close();
});

test.each([400, 401, 403, 404, 413, 429, 500, 503, 529])("a provider's %i is passed on byte for byte", async (status) => {
  const body = `{"type":"error", "error":{"type":"some_error","message":"é; prompt is too long: 1 > 0"},"request_id":"req_x"}\n`;
  provider.reply = (request) => answer(request, status, { "content-type": "application/json", "retry-after": "7", "request-id": "req_x" }, body);
  const passed = await up.relay.messages(messagesRequest());
  expect(passed.status).toBe(status);
  expect(passed.text).toBe(body);
  expect(passed.headers.get("retry-after")).toBe("7");
  expect(passed.headers.get("request-id")).toBe("req_x");
  expect(passed.headers.get("x-should-retry")).toBeNull();
});
