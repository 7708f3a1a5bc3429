// Claude Code itself, through the relay to simulate: quiet, in folders of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useProvider, useRelay, useSimulate } from "../support/use";
import { run } from "../support/process";
import { Person } from "../support/people";
import { chunk, startStream } from "../support/provider";
import { event, messageEvents } from "../support/answers";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));
let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "relay-e2e-claude-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

// The package's own `bin` is put in place by an install script; the program itself is in the platform's package.
const require = createRequire(import.meta.url);
const binary = join(dirname(require.resolve(`@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`)), "claude");

async function claude(args: string[], relayUrl: string, credential: Record<string, string>) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, "config"),
    ANTHROPIC_BASE_URL: relayUrl,
    ...credential,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_BUG_COMMAND: "1",
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1,localhost",
  };
  const child = run(binary, args, env, home);
  const timer = setTimeout(() => void child.stop("SIGKILL"), 50_000);
  const code = await child.exit();
  clearTimeout(timer);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

test.each([["ANTHROPIC_API_KEY"], ["ANTHROPIC_AUTH_TOKEN"]])("claude -p answers, with %s", async (name) => {
  const { code, stdout, stderr } = await claude(["-p", "hello over there"], simulated.relay.url, { [name]: simulated.relay.admin.key });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout.trim().length).toBeGreaterThan(0);
}, 60_000);

test("one prompt is one metered request", async () => {
  const person = await Person.admin(simulated.relay);
  const key = await person.key();
  const { code, stdout } = await claude(["-p", "hello"], simulated.relay.url, { ANTHROPIC_API_KEY: key.key });
  expect(code, stdout).toBe(0);
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens.output).toBeGreaterThan(0);
  expect(totals.errors).toBe(0);
}, 60_000);

test("a Bash tool's round trip: asked for, run, and its result sent back", async () => {
  const command = "echo relayed-$((40 + 2))";
  provider.reply = (request) => {
    const hasResult = JSON.stringify(request.json().messages).includes('"tool_result"');
    const events = messageEvents(hasResult ? "msg_done" : "msg_tool");
    startStream(request);
    if (!hasResult) {
      const block = { type: "tool_use", id: "toolu_1", name: "Bash", input: {} };
      events.splice(1, events.length - 3,
        event({ type: "content_block_start", index: 0, content_block: block } as any),
        event({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: JSON.stringify({ command, description: "say it" }) } } as any),
        event({ type: "content_block_stop", index: 0 } as any));
      events[events.length - 2] = event({ type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 500 } } as any);
    }
    request.socket.write(Buffer.concat([...events.map(chunk), Buffer.from("0\r\n\r\n")]));
  };
  const { code, stdout, stderr } = await claude(["-p", "say it", "--allowedTools", "Bash"], scripted.relay.url, { ANTHROPIC_API_KEY: scripted.relay.admin.key });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("Hello there.");
  expect(provider.requests).toHaveLength(2);
  expect(JSON.stringify(provider.last.json().messages)).toContain("relayed-42");
  expect(provider.last.line).toBe("POST /v1/messages?beta=true HTTP/1.1");
}, 60_000);

test("a key that is refused ends it at once, without a retry", async () => {
  const from = performance.now();
  const { code } = await claude(["-p", "hello"], scripted.relay.url, { ANTHROPIC_API_KEY: "cr_nonsense" });
  expect(code).not.toBe(0);
  expect(performance.now() - from).toBeLessThan(20_000); // with its retries it would be three minutes
  expect(provider.requests).toHaveLength(0);
}, 60_000);

test("a GPT model is asked for with --model, and its Bash tool's round trip is one of Responses", async () => {
  const command = "echo relayed-$((40 + 2))";
  const usage = { input_tokens: 100, input_tokens_details: { cached_tokens: 0 }, output_tokens: 20, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 120 };
  provider.reply = (request) => {
    const hasResult = JSON.stringify(request.json().input).includes('"function_call_output"');
    const text = { type: "output_text", text: "Hello there.", annotations: [] };
    const item = hasResult
      ? { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [text] }
      : { id: "fc_1", type: "function_call", status: "completed", call_id: "call_1", name: "Bash", arguments: JSON.stringify({ command, description: "say it" }) };
    const begun = hasResult ? { ...item, content: [] } : { ...item, arguments: "" };
    const pieces = hasResult
      ? [
          { type: "response.content_part.added", output_index: 0, content_index: 0, part: { ...text, text: "" } },
          { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: text.text },
          { type: "response.output_text.done", output_index: 0, content_index: 0, text: text.text },
          { type: "response.content_part.done", output_index: 0, content_index: 0, part: text },
        ]
      : [
          { type: "response.function_call_arguments.delta", output_index: 0, delta: (item as any).arguments },
          { type: "response.function_call_arguments.done", output_index: 0, arguments: (item as any).arguments },
        ];
    const response = { id: "resp_1", object: "response", model: "gpt-6-sol", output: [] };
    startStream(request);
    const events = [
      { type: "response.created", response: { ...response, status: "in_progress" } },
      { type: "response.output_item.added", output_index: 0, item: begun },
      ...pieces,
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { ...response, status: "completed", output: [item], usage } },
    ];
    request.socket.write(Buffer.concat([...events.map((one) => chunk(event(one as any))), Buffer.from("0\r\n\r\n")]));
  };
  const { code, stdout, stderr } = await claude(["-p", "say it", "--model", "gpt-6-sol", "--allowedTools", "Bash"], scripted.relay.url, { ANTHROPIC_API_KEY: scripted.relay.admin.key });
  expect(code, stdout + stderr + provider.requests.map((request) => request.line).join()).toBe(0);
  expect(stdout).toContain("Hello there.");
  expect(provider.requests).toHaveLength(2);
  expect(provider.last.line).toBe("POST /v1/responses HTTP/1.1");
  expect(provider.last.json().model).toBe("gpt-6-sol");
  expect(JSON.stringify(provider.last.json().input)).toContain("relayed-42");
}, 60_000);
