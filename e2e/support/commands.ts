// The binary's commands on a store that no server uses.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Running } from "./process";
import { binary, Relay, type RelayOptions } from "./relay";
import { emptyStore, type Settings } from "./store";

export interface Said {
  code: number | string;
  text: string;
}

export class Installation {
  private constructor(
    readonly folder: string,
    readonly env: Settings,
  ) {}
  static async make(): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), "relay-commands-"));
    const store = await emptyStore();
    return new Installation(folder, { PATH: process.env.PATH!, DATA_DIR: join(folder, "data"), LOG_DIR: join(folder, "logs"), RELAY_ENV: "test", BCRYPT_COST: "4", ...store });
  }

  begin(...args: string[]): Running {
    return run(binary, args, this.env, this.folder);
  }
  async run(...args: string[]): Promise<Said> {
    const command = this.begin(...args);
    const code = await command.exit();
    return { code, text: command.stdout + command.stderr };
  }
  /** The first word of each line of `status` that is about a migration is its number; what it says of it. */
  async migrations(): Promise<Map<number, string>> {
    const { text } = await this.run("status");
    return new Map([...text.matchAll(/^(\d{4}) +\S+ +(.*)$/gm)].map(([, number, state]) => [Number(number), state!]));
  }
  serve(options: RelayOptions = {}): Promise<Relay> {
    return Relay.start({ folder: this.folder, ...options, env: { ...this.env, ...options.env } });
  }
  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }
}
