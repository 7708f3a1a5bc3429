// A proxy for tunnels, under the test's control: HTTP CONNECT (RFC 9110 9.3.6) or SOCKS5 (RFC 1928, 1929), whichever it
// is spoken to in. It knows names that nobody else does, so that what reaches their place has come through it.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface TunnelAsked {
  kind: "http" | "socks5";
  target: string;
  /** "user:password". */
  credentials?: string;
}

const refusedBySocks = [5, 5, 0, 1, 0, 0, 0, 0, 0, 0];

export class ForwardProxy {
  asked: TunnelAsked[] = [];
  /** Without these it opens no tunnel. */
  wants?: string;
  mode: "opens" | "refuses" | "hangs" = "opens";
  private readonly server: Server;
  private readonly open = new Set<Socket>();

  /** `places`: a name -> the port on this machine that it leads to. */
  constructor(private readonly places: Record<string, () => number>) {
    this.server = createServer((socket) => {
      this.keep(socket);
      void this.serve(socket).catch(() => socket.destroy());
    });
  }
  async listen(): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  url(kind: TunnelAsked["kind"], credentials = ""): string {
    const [user, password] = credentials.split(":").map(encodeURIComponent);
    return `${kind}://${credentials ? `${user}:${password}@` : ""}127.0.0.1:${this.port}`;
  }
  clear() {
    this.asked = [];
  }
  closeConnections() {
    for (const socket of this.open) socket.destroy();
  }
  async stop() {
    this.closeConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private keep(socket: Socket) {
    this.open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.open.delete(socket));
  }
  private async serve(socket: Socket) {
    const first = await take(socket, 1);
    if (first[0] === 5) await this.serveSocks(socket);
    else await this.serveConnect(socket, first);
  }

  private async serveConnect(socket: Socket, first: Buffer) {
    let head = first.toString("latin1");
    while (!head.endsWith("\r\n\r\n")) head += (await take(socket, 1)).toString("latin1");
    const target = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1];
    if (!target) return void socket.end("HTTP/1.1 405 Only tunnels\r\n\r\n");
    const basic = /\r\nproxy-authorization: basic (\S+)\r\n/i.exec(head)?.[1];
    const credentials = basic === undefined ? undefined : Buffer.from(basic, "base64").toString();
    this.asked.push({ kind: "http", target, credentials });
    if (this.mode === "hangs") return;
    if (this.wants !== credentials) return void socket.end("HTTP/1.1 407 Who is it\r\nproxy-authenticate: Basic\r\n\r\n");
    const place = this.mode === "refuses" ? undefined : this.placeOf(target);
    if (!place) return void socket.end("HTTP/1.1 403 Not there\r\n\r\n");
    await this.tunnel(socket, place, Buffer.from("HTTP/1.1 200 Go on\r\n\r\n"));
  }

  private async serveSocks(socket: Socket) {
    const methods = await take(socket, (await take(socket, 1))[0]!);
    let credentials: string | undefined;
    if (this.wants !== undefined) {
      if (!methods.includes(2)) return void socket.end(Buffer.from([5, 0xff]));
      socket.write(Buffer.from([5, 2]));
      await take(socket, 1);
      const user = await take(socket, (await take(socket, 1))[0]!);
      const password = await take(socket, (await take(socket, 1))[0]!);
      credentials = `${user}:${password}`;
      if (credentials !== this.wants) return void socket.end(Buffer.from([1, 1]));
      socket.write(Buffer.from([1, 0]));
    } else {
      socket.write(Buffer.from([5, 0]));
    }
    const kind = (await take(socket, 4))[3];
    const host = kind === 3 ? (await take(socket, (await take(socket, 1))[0]!)).toString() : (await take(socket, kind === 1 ? 4 : 16)).join(".");
    const target = `${host}:${(await take(socket, 2)).readUInt16BE()}`;
    this.asked.push({ kind: "socks5", target, credentials });
    if (this.mode === "hangs") return;
    const place = this.mode === "refuses" ? undefined : this.placeOf(target);
    if (!place) return void socket.end(Buffer.from(refusedBySocks));
    await this.tunnel(socket, place, Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
  }

  private placeOf(target: string): number | undefined {
    return this.places[target.slice(0, target.lastIndexOf(":"))]?.();
  }
  private async tunnel(socket: Socket, port: number, welcome: Buffer) {
    const far = connect(port, "127.0.0.1");
    this.keep(far);
    await once(far, "connect");
    socket.write(welcome);
    socket.pipe(far);
    far.pipe(socket);
  }
}

async function take(socket: Socket, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: Buffer | null = socket.read(count);
    if (bytes?.length === count) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new Error("it left");
    await Promise.race([once(socket, "readable"), once(socket, "close")]);
  }
}
