// A provider that falls silent within a stream: comments while it does, and an error of the dialect in the end.
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { chunk, startStream } from "../support/provider";
import { messageEvents, messagesRequest } from "../support/answers";
import { post, statusOf, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url, env: { SSE_KEEP_ALIVE: "100ms", UPSTREAM_IDLE_TIMEOUT: "1500ms" } }));
const comment = ": keep-alive\n\n";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function call(path: string, body: object): Promise<Wire> {
  const wire = await Wire.open(up.relay.port);
  wire.send(post(path, body, { "x-api-key": up.relay.admin.key }));
  return wire;
}

test("comments come between events, and all else is the provider's, byte for byte", async () => {
  const events = messageEvents("msg_silent_1");
  provider.reply = async (request) => {
    startStream(request);
    for (const event of events) {
      request.socket.write(chunk(event));
      if (event.includes("content_block_start")) await pause(600);
    }
    request.socket.write("0\r\n\r\n");
  };
  const got = await (await call("/v1/messages", messagesRequest({ stream: true }))).until(/\r\n0\r\n\r\n$/);
  const framed = chunk(comment).toString();
  expect(got.split(framed).length - 1).toBeGreaterThanOrEqual(2);
  expect(got.slice(got.indexOf("\r\n\r\n") + 4).split(framed).join("")).toBe(events.map((event) => chunk(event).toString()).join("") + "0\r\n\r\n");
  // Clients read over them.
  const text = await up.relay.messages(messagesRequest({ stream: true }));
  expect(text.text.split(comment).join("")).toBe(events.join(""));
});

const silent: [string, string, object, string, RegExp][] = [
  ["Messages", "/v1/messages", messagesRequest({ stream: true }), messageEvents("msg_silent_2").slice(0, 4).join(""), /event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^"]*too long"/],
  ["Chat", "/v1/chat/completions", { model: "gpt-5.4", stream: true, messages: [] }, 'data: {"id":"chatcmpl_1","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n', /data: \{"error":\{"type":"server_error","param":null,"code":"upstream_timeout"/],
  ["Responses", "/v1/responses", { model: "gpt-5.4", stream: true, input: "hello" }, 'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n', /event: error\ndata: \{"type":"error","code":"server_error"/],
];
for (const [dialect, path, body, begun, error] of silent) {
  test(`silence for too long ends a stream of ${dialect} with its own error, and without the last chunk`, async () => {
    provider.reply = (request) => {
      startStream(request);
      request.socket.write(chunk(begun));
    };
    const got = await (await call(path, body)).closed();
    expect(statusOf(got)).toBe(200);
    expect(got).toMatch(error);
    expect(got).toContain(comment);
    expect(got).not.toMatch(/\r\n0\r\n\r\n$/);
  });
}
