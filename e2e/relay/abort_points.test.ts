// A client that leaves a stream at any point of it: the provider's connection is closed with it, and what was used by then is
// recorded by the rule (what was reported; where no output was reported yet, an estimate of the text that was sent).
import { once } from "node:events";
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { chunk, startStream, type ProviderRequest } from "../support/provider";
import { event, message, messagesRequest, usage } from "../support/answers";
import { records } from "../support/ledger";
import { Person } from "../support/people";
import { until } from "../support/until";
import { post, Wire } from "../support/wire";

const points = 50;
const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
const word = (at: number) => `word${at} `;

/** Point 1 is the start, 2 the block's, then come words. */
function eventsOf(id: string): string[] {
  const start = { ...message(id), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return [
    event({ type: "message_start", message: start } as any),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as any),
    ...Array.from({ length: points - 2 }, (_, at) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word(at + 3) } } as any)),
  ];
}

test("a client that leaves at each of 50 points of a stream", async () => {
  const streams = new Map<string, ProviderRequest>();
  provider.reply = (request) => {
    const point = /point (\d+)/.exec(request.body.toString())![1]!;
    streams.set(point, request);
    startStream(request);
    // What the client is to see, and then silence: how far it got is known to the byte.
    const events = eventsOf(`msg_point_${point}`).slice(0, Number(point));
    request.socket.write(Buffer.concat(events.map(chunk)));
  };
  const times: number[] = [];
  for (let point = 1; point <= points; point++) {
    const wire = await Wire.open(up.relay.port);
    const body = messagesRequest({ stream: true, messages: [{ role: "user", content: `point ${point}.` }] });
    wire.send(post("/v1/messages", body, { "x-api-key": up.relay.admin.key }));
    await wire.until(point === 1 ? /message_start/ : point === 2 ? /content_block_start/ : new RegExp(word(point)));
    const { socket } = streams.get(String(point))!;
    const from = performance.now();
    const closed = once(socket, "close", { signal: AbortSignal.timeout(5_000) });
    if (point % 2) wire.close();
    else wire.socket.resetAndDestroy();
    await closed;
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const p99 = times[Math.ceil(times.length * 0.99) - 1]!;
  console.log(`client gone at ${points} points: upstream closed after ${times[points >> 1]!.toFixed(1)} ms (median), ${p99.toFixed(1)} ms (p99)`);
  expect(p99).toBeLessThan(500); // 100 on a machine that does nothing else

  const admin = await Person.admin(up.relay);
  const rows = await until("every row is stored", async () => {
    const found = (await records(admin)).filter((row) => row.messageId.startsWith("msg_point_"));
    return found.length >= points ? found : undefined;
  });
  expect(rows).toHaveLength(points);
  for (const row of rows) {
    const point = Number(row.messageId.slice("msg_point_".length));
    const text = Array.from({ length: Math.max(point - 2, 0) }, (_, at) => word(at + 3)).join("");
    expect(row, `point ${point}`).toMatchObject({ completed: false, estimated: true });
    expect(row.tokens.input, `point ${point}`).toBe(usage.input_tokens);
    expect(row.tokens.output, `point ${point}`).toBe(Math.max(1, Math.ceil(text.length / 4)));
  }
}, 60_000);
