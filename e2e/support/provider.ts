// A provider under the test's control, over raw sockets: it keeps every byte that came, and sends exactly the bytes
// that the test names. For what simulate has no word for.
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { AddressInfo } from "node:net";

export interface ProviderRequest {
  line: string;
  fields: [name: string, value: string][];
  get(name: string): string | undefined;
  /** Without chunk framing. */
  body: Buffer;
  json(): any;
  socket: Socket;
  /** Which connection it came on, counted from 1. */
  connection: number;
}

export type Reply = (request: ProviderRequest) => unknown;

export class Provider {
  requests: ProviderRequest[] = [];
  connections = 0;
  reply: Reply = (request) => answer(request, 200, { "content-type": "application/json" }, "{}");
  private host = "";
  private readonly server: Server;
  private readonly open = new Set<Socket>();
  private waiting: (() => void)[] = [];

  constructor(tls?: TlsOptions) {
    const connected = (socket: Socket) => this.serve(socket);
    this.server = tls ? createTlsServer(tls, connected) : createServer(connected);
    this.server.on("tlsClientError", () => undefined);
  }

  async listen(host = "127.0.0.1"): Promise<this> {
    this.host = host;
    await new Promise<void>((resolve) => this.server.listen(0, host, resolve));
    return this;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://${this.host}:${this.port}`;
  }
  get last(): ProviderRequest {
    const request = this.requests.at(-1);
    if (!request) throw new Error("nothing reached the provider");
    return request;
  }

  clear() {
    this.requests = [];
  }
  /** Until `count` requests have come since the last clear(). */
  async reached(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
  closeConnections() {
    for (const socket of this.open) socket.destroy();
  }
  async stop() {
    this.closeConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket) {
    const connection = ++this.connections;
    let parts: Buffer[] = [];
    let size = 0;
    let needed = 0; // what the request that is coming is known to take: megabytes are put together once
    this.open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.open.delete(socket));
    socket.on("data", (data) => {
      parts.push(data);
      size += data.length;
      if (size < needed) return;
      let pending = Buffer.concat(parts);
      for (;;) {
        const taken = takeRequest(pending, socket, connection);
        if (!taken) {
          parts = [pending];
          size = pending.length;
          needed = lengthOf(pending);
          return;
        }
        pending = pending.subarray(taken.length);
        this.requests.push(taken.request);
        for (const resume of this.waiting.splice(0)) resume();
        void this.reply(taken.request);
      }
    });
  }
}

/** How long the request at the beginning will be, as far as its head says so. */
function lengthOf(bytes: Buffer): number {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.subarray(0, end).toString("latin1"));
  return length ? end + 4 + Number(length[1]) : 0;
}

function takeRequest(bytes: Buffer, socket: Socket, connection: number) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line, ...rest] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const fields = rest.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  const get = (name: string) => fields.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  const framed = /chunked/i.test(get("transfer-encoding") ?? "")
    ? takeChunks(bytes, end + 4)
    : takeLength(bytes, end + 4, Number(get("content-length") ?? 0));
  if (!framed) return undefined;
  const body = framed.body;
  const json = () => JSON.parse(body.toString("utf8"));
  return { length: framed.end, request: { line: line!, fields, get, body, json, socket, connection } };
}

function takeLength(bytes: Buffer, from: number, length: number) {
  if (bytes.length < from + length) return undefined;
  return { body: Buffer.from(bytes.subarray(from, from + length)), end: from + length };
}

function takeChunks(bytes: Buffer, from: number) {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const size = parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    const next = line + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end: next };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}

export function head(status: number, fields: Record<string, string | number>): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Whatever"}\r\n${lines.join("")}\r\n`;
}

/** A whole answer with its length. */
export function answer(request: ProviderRequest, status: number, fields: Record<string, string>, body: string | Buffer) {
  const bytes = Buffer.from(body);
  request.socket.write(Buffer.concat([Buffer.from(head(status, { ...fields, "content-length": bytes.length })), bytes]));
}

export function chunk(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** The head of an event stream; then write chunk()s, and "0\r\n\r\n" to end it. */
export function startStream(request: ProviderRequest, fields: Record<string, string> = {}) {
  const all = { "content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked", ...fields };
  request.socket.write(head(200, all));
}
