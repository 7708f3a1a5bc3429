// One server takes over from another, while calls run: SIGUSR2, and what clients see of it.
import { readdir, readFile } from "node:fs/promises";
import { request, type Agent } from "node:http";
import { messagesRequest } from "./answers";
import { stream } from "./streams";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** False for one that only waits to be reaped, too. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !/^\d+ \(.*\) Z /.test(status);
}

export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const text = await readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "");
    children.push(...text.split(" ").filter(Boolean).map(Number));
  }
  const running = await Promise.all(children.map(isRunning));
  return children.filter((_, at) => running[at]);
}

/** Sends SIGUSR2, waits until the server has gone, and says which one serves now. */
export async function restart(pid: number, withinMs = 30_000): Promise<number> {
  process.kill(pid, "SIGUSR2");
  const until = performance.now() + withinMs;
  let successor: number | undefined;
  while (await isRunning(pid)) {
    successor = (await childrenOf(pid))[0] ?? successor;
    if (performance.now() > until) throw new Error(`server ${pid} is still there ${withinMs} ms after SIGUSR2; its successor is ${successor}`);
    await pause(5);
  }
  if (successor === undefined || !(await isRunning(successor))) throw new Error(`server ${pid} went and left none in its place`);
  return successor;
}

/** SIGTERM, and until it has gone. */
export async function stop(pid: number, withinMs = 30_000): Promise<void> {
  process.kill(pid, "SIGTERM");
  const until = performance.now() + withinMs;
  while (await isRunning(pid)) {
    if (performance.now() > until) throw new Error(`server ${pid} does not end`);
    await pause(10);
  }
}

/** A call without a stream: the id of its answer, or what went wrong. */
function plain(agent: Agent | undefined, port: number, key: string): Promise<{ ended?: string; failed?: string }> {
  return new Promise((resolve) => {
    const body = JSON.stringify(messagesRequest());
    const headers = { "x-api-key": key, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent: agent ?? false, port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers }, (got) => {
      let text = "";
      got.setEncoding("utf8");
      got.on("data", (part: string) => (text += part));
      got.on("error", () => undefined);
      got.once("close", () => {
        const id = got.complete && got.statusCode === 200 ? /"id":"(msg_load_\d+)"/.exec(text)?.[1] : undefined;
        resolve(id ? { ended: id } : { failed: `${got.statusCode}, ${got.complete ? "whole" : "cut"}` });
      });
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve({ failed: error.code ?? error.message }));
    sent.end(body);
  });
}

export interface Load {
  calls: number;
  seen: Set<string>;
  failed: Map<string, number>;
}

/** Streams and plain calls, half of each over kept connections and half over new ones, until `isOver`. */
export async function load(port: number, key: string, agent: Agent, concurrency: number, isOver: () => boolean): Promise<Load> {
  const done: Load = { calls: 0, seen: new Set(), failed: new Map() };
  const one = async (_: unknown, at: number) => {
    const kept = at % 2 === 0 ? agent : undefined;
    while (!isOver()) {
      const { ended, failed } = at % 4 < 2 ? await stream(kept ?? (false as unknown as Agent), port, key) : await plain(kept, port, key);
      done.calls++;
      if (ended) done.seen.add(ended);
      else done.failed.set(failed ?? "no id", (done.failed.get(failed ?? "no id") ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return done;
}

export const failures = (done: Load) => [...done.failed.values()].reduce((sum, count) => sum + count, 0);
