// A wire between a relay and a server that a test can cut, block and slow.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

type State = "open" | "cut" | "blocked";

interface Connection {
  client: Socket;
  server: Socket;
  /** The first that the client sent: what kind of connection it is. */
  said: string;
}

export class Link {
  private readonly listener: Server;
  private readonly open = new Set<Connection>();
  private state: State = "open";
  private only: RegExp | undefined;
  private delays = { up: 0, down: 0 };
  readonly host = "127.0.0.1";
  /** How many were accepted so far, whatever became of them. */
  accepted = 0;

  private constructor(private readonly target: { host: string; port: number }) {
    this.listener = createServer({ allowHalfOpen: false, noDelay: true }, (client) => this.accept(client));
  }
  static async to(target: { host: string; port: number }): Promise<Link> {
    const link = new Link(target);
    await new Promise<void>((resolve) => link.listener.listen(0, link.host, resolve));
    return link;
  }
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }
  get connections(): number {
    return this.open.size;
  }

  /** Connections are reset, and new ones too. With `only`: those whose client began with such words. */
  cut(only?: RegExp) {
    this.become("cut", only);
  }
  /** Nothing passes any more in either direction, nothing is closed: as when a cable is pulled. */
  block(only?: RegExp) {
    this.become("blocked", only);
  }
  /** What passes takes so long: to the server, and back. */
  slow(upMs: number, downMs = upMs) {
    this.delays = { up: upMs, down: downMs };
  }
  /** As new; what was blocked goes on. */
  heal() {
    this.slow(0);
    this.become("open");
  }
  async stop() {
    this.cut();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private become(state: State, only?: RegExp) {
    this.state = state;
    this.only = only;
    for (const connection of this.open) this.apply(connection);
  }
  private stateOf({ said }: Connection): State {
    return this.only && !this.only.test(said) ? "open" : this.state;
  }
  private apply(connection: Connection) {
    const state = this.stateOf(connection);
    for (const socket of [connection.client, connection.server]) {
      if (state === "cut") socket.resetAndDestroy();
      else if (state === "blocked") socket.pause();
      else socket.resume();
    }
  }

  private accept(client: Socket) {
    this.accepted++;
    const server = connect({ ...this.target, noDelay: true });
    const connection: Connection = { client, server, said: "" };
    this.open.add(connection);
    const over = () => {
      this.open.delete(connection);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on("error", over).on("close", over);
    const up = this.pipe(client, server, () => this.delays.up);
    const down = this.pipe(server, client, () => this.delays.down);
    client.on("data", (data) => {
      if (connection.said.length < 4_096) connection.said += data.toString("latin1", 0, 4_096);
      const state = this.stateOf(connection);
      if (state === "open") return up(data);
      this.apply(connection); // what it has just said made it one of those that are meant
      if (state === "blocked") client.unshift(data);
    });
    server.on("data", down);
    this.apply(connection);
  }

  /** Passes bytes on in their order, each after its delay. */
  private pipe(from: Socket, to: Socket, delay: () => number): (data: Buffer) => void {
    let before = Promise.resolve();
    return (data) => {
      const due = performance.now() + delay();
      before = before.then(async () => {
        const left = due - performance.now();
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
        if (to.destroyed || to.write(data)) return;
        from.pause();
        to.once("drain", () => this.state !== "blocked" && from.resume());
      });
    };
  }
}

/** One address for several nodes: each new connection goes to the next of them that takes it. */
export class Balancer {
  private readonly listener: Server;
  private readonly open = new Set<Socket>();
  private turn = 0;

  private constructor(private readonly ports: () => number[]) {
    this.listener = createServer({ noDelay: true }, (client) => {
      this.open.add(client);
      client.on("error", () => undefined).on("close", () => this.open.delete(client));
      this.join(client, this.ports().length);
    });
  }
  static async over(ports: () => number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await new Promise<void>((resolve) => balancer.listener.listen(0, "127.0.0.1", resolve));
    return balancer;
  }
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  async stop() {
    for (const client of this.open) client.destroy();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private join(client: Socket, triesLeft: number) {
    const ports = this.ports();
    const node = connect({ port: ports[this.turn++ % ports.length]!, host: "127.0.0.1", noDelay: true });
    let joined = false;
    node.once("connect", () => {
      joined = true;
      client.pipe(node).pipe(client);
      client.once("close", () => node.destroy());
    });
    node.on("error", () => undefined).on("close", () => {
      if (joined || triesLeft <= 1) client.destroy();
      else this.join(client, triesLeft - 1);
    });
  }
}
