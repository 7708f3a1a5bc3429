// Starts the real binary on a free port with an empty store; knows only the public contract.
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run, type Running } from "./process";
import { emptyStore, type Settings } from "./store";

export const binary = resolve(process.env.RELAY_BINARY ?? "../build/release/claude-relay");
export const upstreamKeys = { anthropic: "sk-ant-e2e-upstream-credential", openai: "sk-e2e-upstream-credential" };

export interface RelayOptions {
  /** Base URL of the upstream for both dialects. */
  upstream?: string;
  env?: Record<string, string>;
  /** Use this folder, and leave it there. Who starts in a folder again finds the same store again. */
  folder?: string;
  /** Words before the binary: where it runs. */
  inside?: string[];
}

const stores = new Map<string, Promise<Settings>>();
function storeIn(folder: string): Promise<Settings> {
  if (!stores.has(folder)) stores.set(folder, emptyStore());
  return stores.get(folder)!;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
  text: string;
}

export class Relay {
  readonly secrets = new Set<string>(Object.values(upstreamKeys));
  admin = { email: "", password: "", key: "" };

  private constructor(
    readonly process: Running,
    readonly folder: string,
    readonly url: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly keepFolder: boolean,
  ) {}

  static async start(options: RelayOptions = {}): Promise<Relay> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "relay-e2e-")));
    await mkdir(folder, { recursive: true });
    const upstream = options.upstream ?? "http://127.0.0.1:9"; // nobody listens there
    const env = {
      PATH: process.env.PATH,
      DATA_DIR: join(folder, "data"),
      LOG_DIR: join(folder, "logs"),
      CLIENT_API_PORT: "0",
      ANTHROPIC_BASE_URL: upstream,
      ANTHROPIC_API_KEY: upstreamKeys.anthropic,
      OPENAI_BASE_URL: upstream,
      OPENAI_API_KEY: upstreamKeys.openai,
      LOG_LEVEL: "debug",
      AUTH_LIMIT_PER_ADDRESS: "100000",
      ...(options.env?.DATABASE_TYPE ? {} : await storeIn(folder)),
      ...options.env,
    };
    const [program, ...words] = [...(options.inside ?? []), binary, "serve"];
    const child = run(program!, words, env, folder);
    const [, url] = await child.says(/^listening on (https?:\/\/\S+)$/m);
    const relay = new Relay(child, folder, url!, env, options.folder !== undefined);
    relay.admin = {
      email: /^ *e-mail +(\S+)$/m.exec(child.stdout)?.[1] ?? "",
      password: /^ *password +(\S+)$/m.exec(child.stdout)?.[1] ?? "",
      key: /^ *API key +(\S+)$/m.exec(child.stdout)?.[1] ?? "",
    };
    relay.keepSecret(relay.admin.password, relay.admin.key);
    return relay;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** From now on the logs are searched for these. */
  keepSecret(...texts: (string | undefined)[]) {
    for (const text of texts) if (text && text.length >= 8) this.secrets.add(text);
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    let parsed: any;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    for (const part of [parsed, parsed?.data]) this.keepSecret(part?.token, part?.refreshToken, part?.key);
    this.keepSecret((body as any)?.password, (body as any)?.apiKey);
    return { status: answer.status, headers: answer.headers, body: parsed, text };
  }

  get(path: string, headers: Record<string, string> = {}) {
    return this.request("GET", path, undefined, headers);
  }
  post(path: string, body: unknown, headers: Record<string, string> = {}) {
    return this.request("POST", path, body, headers);
  }

  /** Another command of the binary with this relay's settings. */
  async command(...args: string[]): Promise<{ code: number | string; text: string }> {
    const command = run(binary, args, this.env, this.folder);
    const code = await command.exit();
    return { code, text: command.stdout + command.stderr };
  }

  /** POST /v1/messages with the first key. */
  messages(body: object, headers: Record<string, string> = {}) {
    return this.post("/v1/messages", body, { "x-api-key": this.admin.key, "anthropic-version": "2023-06-01", ...headers });
  }

  /** What it has logged so far. */
  get log() {
    return this.process.stderr;
  }

  /** SIGTERM; the exit code must be 0, and no log may have a secret in it, or an error that the document lacks. */
  async stop() {
    const code = await this.process.stop();
    const texts = await this.logs();
    const leaks = this.leaks(texts);
    const unstated = texts.flatMap(([, text]) => text.split("\n")).filter((line) => line.includes("an error that the document does not state"));
    if (!this.keepFolder) await rm(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the relay ended with ${code}:\n${this.process.stderr.slice(-2000)}`);
    if (leaks.length > 0) throw new Error(`secrets in the logs:\n${leaks.join("\n")}`);
    if (unstated.length > 0) throw new Error(`errors that their routes do not state (RouteSpec::errors):\n${[...new Set(unstated)].join("\n")}`);
  }

  private async logs(): Promise<[string, string][]> {
    const folder = join(this.folder, "logs");
    const texts: [string, string][] = [["stderr", this.process.stderr]];
    for (const file of await readdir(folder)) texts.push([file, await readFile(join(folder, file), "utf8")]);
    return texts;
  }
  private leaks(texts: [string, string][]): string[] {
    const found: string[] = [];
    for (const [where, text] of texts) {
      for (const secret of this.secrets) {
        const at = text.indexOf(secret);
        if (at >= 0) found.push(`${where}: ${text.slice(text.lastIndexOf("\n", at) + 1, at + secret.length)}`);
      }
    }
    return found;
  }
}
