// A child process that says on stdout when it is ready.
import { spawn, type ChildProcess } from "node:child_process";

export class Running {
  stdout = "";
  stderr = "";
  private readonly ended: Promise<number | string>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  /** The exit code, or the name of the signal that ended it. */
  exit(): Promise<number | string> {
    return this.ended;
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }

  /** Waits until stdout matches; rejects with everything that was said when the process ends before, or time is up. */
  async says(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    const said = () => pattern.exec(this.stdout);
    const found = said();
    if (found) return found;
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`));
      const timer = setTimeout(() => fail(`no ${pattern} in ${withinMs} ms`), withinMs);
      const look = () => {
        const match = said();
        if (!match) return;
        clearTimeout(timer);
        this.child.stdout!.off("data", look);
        resolve(match);
      };
      this.child.stdout!.on("data", look);
      void this.ended.then((code) => {
        clearTimeout(timer);
        fail(`ended with ${code}`);
      });
    });
  }
}

export function run(binary: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string): Running {
  const child = spawn(binary, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  child.once("error", () => undefined); // "close" follows, and says() reports it
  return new Running(child);
}
