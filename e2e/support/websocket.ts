// A client of the Responses WebSocket: what comes is kept, and can be waited for.
import { WebSocket, type ClientOptions } from "ws";

export class Talk {
  readonly messages: any[] = [];
  closed: { code: number; reason: string } | undefined;
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data, isBinary) => {
      this.messages.push(isBinary ? data : JSON.parse(data.toString()));
      this.tell();
    });
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.tell();
    });
    socket.on("error", () => undefined); // "close" follows
  }

  /** Rejects with the status and body of an answer that is no 101. */
  static open(url: string, options: ClientOptions = {}): Promise<Talk> {
    const socket = new WebSocket(url.replace(/^http/, "ws"), options);
    const talk = new Talk(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(talk));
      socket.once("error", reject);
      socket.once("unexpected-response", (_, response) => {
        let body = "";
        response.on("data", (data) => (body += data));
        response.on("end", () => reject(Object.assign(new Error(`answered ${response.statusCode}`), { status: response.statusCode, body, headers: response.headers })));
      });
    });
  }

  private tell() {
    for (const resume of this.waiting.splice(0)) resume();
  }
  say(message: object) {
    this.socket.send(JSON.stringify(message));
  }
  create(more: object = {}) {
    this.say({ type: "response.create", model: "gpt-5.4", store: false, input: [{ type: "message", role: "user", content: "hello" }], ...more });
  }
  /** The first message, of those not taken yet, that `is` holds for; those before it are dropped. */
  async until(is: (message: any) => boolean, withinMs = 5_000): Promise<any> {
    const limit = performance.now() + withinMs;
    for (;;) {
      while (this.messages.length > 0) {
        const message = this.messages.shift();
        if (is(message)) return message;
      }
      if (this.closed || performance.now() > limit) throw new Error(`did not come; ${JSON.stringify(this.closed)}`);
      await this.news(limit);
    }
  }
  /** Of one response, up to its last. */
  async response(): Promise<any[]> {
    const all: any[] = [];
    await this.until((message) => {
      all.push(message);
      return ["response.completed", "response.incomplete", "response.failed", "error"].includes(message.type);
    });
    return all;
  }
  async ended(withinMs = 5_000): Promise<{ code: number; reason: string }> {
    const limit = performance.now() + withinMs;
    while (!this.closed) {
      if (performance.now() > limit) throw new Error("is still open");
      await this.news(limit);
    }
    return this.closed;
  }
  private news(limit: number) {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, limit - performance.now()));
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  close() {
    this.socket.close();
  }
}
