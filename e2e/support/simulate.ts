// Starts `claude-relay simulate`, the stand-in provider of the product itself.
import { run, type Running } from "./process";
import { binary } from "./relay";

export class Simulate {
  private constructor(
    private readonly process: Running,
    readonly url: string,
  ) {}

  static async start(): Promise<Simulate> {
    const child = run(binary, ["simulate", "--port", "0"], { PATH: process.env.PATH });
    const [, url] = await child.says(/^simulate listening on (http:\/\/\S+)$/m);
    return new Simulate(child, url!);
  }

  get pid(): number {
    return this.process.child.pid!;
  }
  async stats(): Promise<any> {
    return (await fetch(`${this.url}/_simulate/stats`)).json();
  }
  async reset() {
    await fetch(`${this.url}/_simulate/reset`, { method: "POST" });
  }
  /** The last request as it came in. */
  async last(): Promise<{ head: string; body: string }> {
    const last = (await (await fetch(`${this.url}/_simulate/last`)).json()) as { head: string; body: string };
    const text = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
    return { head: text(last.head), body: text(last.body) };
  }
  async stop() {
    await this.process.stop();
  }
}
