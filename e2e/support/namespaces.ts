// A network of its own: every process that is put there has a network namespace, an address and a cable to one switch.
// Pulling a cable is what it is in a cellar: nothing passes, and nobody is told.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const ip = async (...words: string[]) => void (await promisify(execFile)("ip", words));

export interface Place {
  host: string;
  /** Words before a command that is to run here. */
  inside: string[];
  pull(): Promise<void>;
  plug(): Promise<void>;
}

export class Network {
  private readonly names: string[] = [];
  private constructor(
    private readonly id: string,
    private readonly subnet: string,
  ) {}

  /** Words instead, where the account may not make one. */
  static async make(): Promise<Network | string> {
    const [a] = randomBytes(1);
    const network = new Network(randomBytes(3).toString("hex"), `198.18.${a}`); // RFC 2544: for tests of networks
    try {
      await ip("link", "add", network.bridge, "type", "bridge");
      await ip("address", "add", `${network.host}/24`, "dev", network.bridge);
      await ip("link", "set", network.bridge, "up");
      return network;
    } catch (error) {
      await network.remove();
      return `network namespaces take root and CAP_NET_ADMIN: ${String((error as any).stderr ?? error).trim()}`;
    }
  }

  /** Where the test itself is. */
  get host(): string {
    return `${this.subnet}.1`;
  }
  async place(): Promise<Place> {
    const number = this.names.length + 2;
    const name = `relay-${this.id}-${number}`;
    const [here, there] = [`r${this.id}h${number}`, `r${this.id}n${number}`];
    this.names.push(name);
    await ip("netns", "add", name);
    await ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    await ip("link", "set", here, "master", this.bridge, "up");
    await ip("-n", name, "address", "add", `${this.subnet}.${number}/24`, "dev", there);
    await ip("-n", name, "link", "set", there, "up");
    await ip("-n", name, "link", "set", "lo", "up");
    return {
      host: `${this.subnet}.${number}`,
      inside: ["ip", "netns", "exec", name],
      pull: () => ip("link", "set", here, "down"),
      plug: () => ip("link", "set", here, "up"),
    };
  }
  async remove() {
    for (const name of this.names) await ip("netns", "delete", name).catch(() => undefined);
    await ip("link", "delete", this.bridge).catch(() => undefined);
  }
  private get bridge(): string {
    return `r${this.id}b`;
  }
}
