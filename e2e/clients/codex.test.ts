// Codex CLI itself, through the relay: the custom provider's SSE, a tool's round trip, its WebSocket, and the way round that.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { event } from "../support/answers";
import { Person } from "../support/people";
import { run } from "../support/process";
import { answer, chunk, type ProviderRequest, startStream } from "../support/provider";
import { useProvider, useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const simulated = useRelay(() => ({ upstream: up.simulate.url }));
const provider = useProvider();
const scripted = useRelay(() => ({ upstream: provider.url }));
const without = useRelay(() => ({ upstream: provider.url, env: { RESPONSES_WEBSOCKET: "off" } }));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-e2e-codex-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const binary = join(dirname(createRequire(import.meta.url).resolve("@openai/codex/package.json")), "bin", "codex.js");

let homes = 0;
interface How {
  key?: string;
  model?: string;
  provider?: string; // more lines of its table
}
async function codex(prompt: string, relay: { url: string; admin: { key: string } }, how: How = {}) {
  const home = join(folder, String(homes++));
  await mkdir(join(home, "work"), { recursive: true });
  await writeFile(
    join(home, "config.toml"),
    `model = "${how.model ?? "gpt-6-sol"}"
model_provider = "relay"
[model_providers.relay]
name = "relay"
base_url = "${relay.url}/v1"
env_key = "RELAY_KEY"
wire_api = "responses"
${how.provider ?? ""}
[features]
plugins = false
apps = false
remote_plugin = false
`,
  );
  const env = { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, RELAY_KEY: how.key ?? relay.admin.key, HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1,localhost" };
  const child = run(process.execPath, [binary, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", prompt], env, join(home, "work"));
  const timer = setTimeout(() => void child.stop("SIGKILL"), 50_000);
  const code = await child.exit();
  clearTimeout(timer);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

const usage = { input_tokens: 40, input_tokens_details: { cached_tokens: 10 }, output_tokens: 7, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 47 };
function respond(request: ProviderRequest, item: object, id = "resp_1") {
  const response = { id, object: "response", status: "completed", model: "gpt-6-sol", output: [item], usage };
  const events = [
    { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response },
  ];
  startStream(request);
  request.socket.write(Buffer.concat([...events.map((each, n) => chunk(event({ ...each, sequence_number: n } as any))), Buffer.from("0\r\n\r\n")]));
}
const says = (text: string) => ({ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] });

test("codex exec answers over SSE, in one metered request", async () => {
  const person = await Person.admin(simulated.relay);
  const key = await person.key();
  const { code, stdout, stderr } = await codex("hello over there", simulated.relay, { key: key.key });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout.trim().length).toBeGreaterThan(0);
  const { totals } = await person.usage(key.id, 1);
  expect(totals.tokens.output).toBeGreaterThan(0);
  expect(totals.errors).toBe(0);
}, 60_000);

test.each([
  ["SSE", ""],
  ["its WebSocket", "supports_websockets = true"],
])("a tool's round trip over %s: asked for, run, and its output sent back", async (_, more) => {
  const command = "echo relayed-$((40 + 2))";
  provider.reply = (request) => {
    const body = request.json();
    const output = body.input.find((item: any) => item.type === "function_call_output" || item.type === "custom_tool_call_output");
    if (output) return respond(request, says(`it says ${/relayed-\d+/.exec(JSON.stringify(output))}`), "resp_2");
    const names = JSON.stringify(body.tools);
    const shell = ["exec_command", "shell_command", "shell"].find((name) => names.includes(`"name":"${name}"`));
    const args = shell === "exec_command" ? { cmd: command } : shell === "shell" ? { command: ["bash", "-lc", command] } : { command };
    respond(request, { type: "function_call", id: "fc_1", call_id: "call_1", name: shell, arguments: JSON.stringify(args), status: "completed" });
  };
  const { code, stdout, stderr } = await codex("say it", scripted.relay, { model: "gpt-5.4", provider: more }); // a model whose tools are functions
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("it says relayed-42");
  expect(provider.requests).toHaveLength(2);
  expect(provider.last.line).toBe("POST /v1/responses HTTP/1.1");
  // Over the WebSocket it said only what was new: the relay sent the rest again.
  const [first, second] = provider.requests.map((request) => request.json().input);
  expect(second.slice(0, first.length)).toEqual(first);
  expect(stderr).not.toContain("ERROR");
}, 60_000);

test("a Claude model, by translation: a tool's round trip", async () => {
  const person = await Person.admin(simulated.relay);
  const key = await person.key();
  const wish = 'use tool exec_command {"cmd":"echo relayed-$((40 + 2))"}';
  const { code, stdout, stderr } = await codex(wish, simulated.relay, { model: "claude-sonnet-5", key: key.key });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("relayed-42");
  const { totals } = await person.usage(key.id, 2);
  expect(totals.errors).toBe(0);
  expect(totals.tokens.output).toBeGreaterThan(0);
}, 60_000);

test("its WebSocket is refused with 426, and it falls back to SSE at once", async () => {
  provider.reply = (request) => respond(request, says("fallen back"));
  const { code, stdout, stderr } = await codex("hello", without.relay, { provider: "supports_websockets = true" });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("fallen back");
  expect(provider.requests).toHaveLength(1);
}, 60_000);

test("an overloaded provider once: it comes back by itself", async () => {
  let calls = 0;
  provider.reply = (request) => {
    if (++calls > 1) return respond(request, says("at last"));
    return answer(request, 503, { "content-type": "application/json" }, JSON.stringify({ error: { type: "server_error", message: "busy" } }));
  };
  const { code, stdout, stderr } = await codex("hello", scripted.relay);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("at last");
}, 60_000);
