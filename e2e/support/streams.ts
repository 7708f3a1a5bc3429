// Streaming load: a provider whose every answer has an id of its own, and calls that know whether they saw its end.
import { request, type Agent } from "node:http";
import { message, messageEvents, messagesRequest } from "./answers";
import { answer, chunk, Provider, startStream } from "./provider";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function streamingProvider(host?: string): Promise<Provider> {
  let answers = 0;
  const provider = await new Provider().listen(host);
  provider.reply = async (call) => {
    const id = `msg_load_${++answers}`;
    const events = messageEvents(id);
    provider.clear(); // nobody looks at them: keep memory flat
    if (!/"stream":true/.test(call.body.toString("latin1"))) {
      await pause(Math.random() * 20);
      if (!call.socket.destroyed) answer(call, 200, { "content-type": "application/json" }, JSON.stringify(message(id)));
      return;
    }
    startStream(call);
    for (const event of events) {
      if (call.socket.destroyed) return;
      call.socket.write(chunk(event));
      await pause(Math.random() * 5); // streams that do not go in step
    }
    if (!call.socket.destroyed) call.socket.write("0\r\n\r\n");
  };
  return provider;
}

export interface Streamed {
  /** The id of the message whose message_stop came. */
  ended?: string;
  /** What kept it from coming: "ECONNREFUSED", "503", "200, cut". */
  failed?: string;
  /** Of the answer; 0 when none came. */
  status: number;
  ms: number;
}

export function stream(agent: Agent, port: number, key: string): Promise<Streamed> {
  return new Promise((resolve) => {
    const began = performance.now();
    let text = "";
    let status = 0;
    const over = (failed: string) => {
      const id = /"id":"(msg_load_\d+)"/.exec(text)?.[1];
      const isWhole = id && text.includes('event: message_stop\ndata: {"type":"message_stop"}\n\n');
      resolve({ ...(isWhole ? { ended: id } : { failed }), status, ms: performance.now() - began });
    };
    const body = JSON.stringify(messagesRequest({ stream: true }));
    const headers = { "x-api-key": key, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent, port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers }, (got) => {
      status = got.statusCode!;
      got.setEncoding("utf8");
      got.on("data", (part: string) => (text += part));
      got.once("close", () => over(status === 200 ? "200, cut" : String(status)));
      got.on("error", () => undefined);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => over(error.code ?? error.message));
    sent.end(body);
  });
}
