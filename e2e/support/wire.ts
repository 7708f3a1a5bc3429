// A client over a raw socket: what HTTP libraries would not send, and what they would hide.
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class Wire {
  private got = Buffer.alloc(0);
  private ended = false;
  private changed: (() => void)[] = [];
  /** performance.now() of the end, or undefined. */
  endedAt: number | undefined;

  private constructor(readonly socket: Socket) {
    const wake = () => this.changed.splice(0).forEach((resume) => resume());
    socket.on("data", (data) => {
      this.got = Buffer.concat([this.got, data]);
      wake();
    });
    socket.on("error", () => undefined);
    for (const event of ["end", "close"] as const) {
      socket.on(event, () => {
        this.ended = true;
        this.endedAt ??= performance.now();
        wake();
      });
    }
  }

  /** Closed with its test. */
  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.setNoDelay(true);
    onTestFinished(() => void socket.destroy());
    return new Wire(socket);
  }

  send(bytes: string | Buffer) {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }
  get text(): string {
    return this.got.toString("latin1");
  }
  get bytes(): Buffer {
    return this.got;
  }
  close() {
    this.socket.destroy();
  }

  /** Until what came matches, or the other side ended. */
  async until(pattern: RegExp, withinMs = 5_000): Promise<string> {
    return this.wait(() => pattern.test(this.text) || this.ended, String(pattern), withinMs);
  }
  /** Until the other side closed its end. */
  async closed(withinMs = 5_000): Promise<string> {
    return this.wait(() => this.ended, "the end", withinMs);
  }

  private async wait(done: () => boolean, what: string, withinMs: number): Promise<string> {
    const limit = performance.now() + withinMs;
    while (!done()) {
      const left = limit - performance.now();
      if (left <= 0) throw new Error(`no ${what} in ${withinMs} ms; got: ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.text;
  }
}

/** A POST of JSON as text, with its length. */
export function post(path: string, body: string | object, fields: Record<string, string> = {}): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const all = { host: "relay.test", "content-type": "application/json", "content-length": Buffer.byteLength(text), ...fields };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}

export const statusOf = (text: string) => Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
