// What a provider answers, with figures that tests can count on.
export const messagesRequest = (more: object = {}) => ({
  model: "claude-sonnet-5-5",
  max_tokens: 64,
  messages: [{ role: "user", content: "hello" }],
  ...more,
});

export const usage = {
  input_tokens: 1000,
  cache_creation_input_tokens: 300,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  cache_read_input_tokens: 400,
  output_tokens: 500,
};

// claude-sonnet-5-5: 2 | 2.5 | 4 | 0.10 | 10 USD per million tokens, read 0.10 since 2026-10-07:
// 1000*2 + 100*2.5 + 200*4 + 400*0.1 + 500*10 = 8090 millionths of a dollar.
export const costOfUsage = "0.00809";

export function message(id: string, more: object = {}) {
  return {
    id,
    type: "message",
    role: "assistant",
    model: "claude-sonnet-5-5",
    content: [{ type: "text", text: "Hello there." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
    ...more,
  };
}

export const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** The same message as message(id), event by event. */
export function messageEvents(id: string): string[] {
  const start = { ...message(id), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return [
    { type: "message_start", message: start },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "ping" },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello " } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "there." } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 500 } },
    { type: "message_stop" },
  ].map(event);
}
