// Stands between a client and the relay, and keeps every byte that the client sent.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Wiretap {
  private readonly server: Server;
  private readonly parts: Buffer[] = [];
  private readonly open = new Set<Socket>();

  constructor(private readonly port: number) {
    this.server = createServer((client) => {
      const relay = connect(this.port, "127.0.0.1");
      this.open.add(client);
      client.on("data", (bytes) => this.parts.push(bytes));
      client.on("error", () => relay.destroy()).on("close", () => this.open.delete(client) && relay.destroy());
      relay.on("error", () => client.destroy()).on("close", () => client.destroy());
      client.pipe(relay).pipe(client);
    });
  }
  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  get sent(): string {
    return Buffer.concat(this.parts).toString("latin1");
  }
  /** The text itself, or in one of the forms in which a client might put it. */
  hasSent(text: string): boolean {
    const bytes = Buffer.from(text);
    const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), bytes.toString("hex")];
    // Base64 of the text at each of the three places that it may have in a longer one.
    for (const shift of [0, 1, 2]) {
      const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
      forms.push(padded.slice(shift === 0 ? 0 : 4, -4));
    }
    return forms.some((form) => this.sent.includes(Buffer.from(form).toString("latin1")));
  }
  async stop() {
    for (const client of this.open) client.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
