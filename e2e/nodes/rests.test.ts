// What one node learns of an account the others hear over Redis: it rests everywhere, and returns everywhere by itself.
import { expect, test } from "vitest";
import { message, messagesRequest } from "../support/answers";
import { answer, type ProviderRequest } from "../support/provider";
import { until } from "../support/until";
import { useProvider } from "../support/use";
import { useNodes } from "../support/use_nodes";

const first = useProvider();
const second = useProvider();
const up = useNodes("MariaDB and Redis", () => ({ env: { ANTHROPIC_API_KEY: "", ALLOW_PRIVATE_UPSTREAMS: "true" } }));

const json = { "content-type": "application/json" };
const well = (request: ProviderRequest) => answer(request, 200, json, JSON.stringify(message("msg_1")));
const error = (type: string) => JSON.stringify({ type: "error", error: { type, message: "No more of that" } });
const call = (n: number) => up.cluster.node(n).relay.messages(messagesRequest());

async function accounts() {
  const admin = await up.cluster.admin();
  const ask = (n: number, method: string, path: string, body?: unknown) => up.cluster.node(n).relay.request(method, `/api/admin/accounts${path}`, body, admin.bearer);
  const healthOf = async (n: number, id: string) => (await ask(n, "GET", "/health")).body.data.find((account: any) => account.id === id);
  const add = async (name: string, baseUrl: string, priority: number) => {
    const made = await ask(0, "POST", "", { name, provider: "anthropic", baseUrl, credential: `sk-ant-account-${name}`, priority });
    expect(made.status, made.text).toBe(201);
    for (const n of [0, 1]) await until("the node has it", () => healthOf(n, made.body.data.id));
    return made.body.data.id as string;
  };
  return { ask, add, healthOf };
}

test("an account that refuses on one node rests on the other within a second, and returns by itself on both", async () => {
  const { ask, add, healthOf } = await accounts();
  second.reply = well;
  const [tired, spare] = [await add("tired", first.url, 0), await add("spare", second.url, 10)];
  // News that Redis does not take at once is not sent again: so once more if it was away meanwhile.
  const heardAfter = await up.cluster.undisturbed(async () => {
    first.reply = well;
    await until("it is well on both", async () => {
      for (const n of [0, 1]) await call(n);
      return (await healthOf(0, tired)).state === "available" && (await healthOf(1, tired)).state === "available";
    }, 15_000);
    first.clear();
    first.reply = (request) => answer(request, 429, { ...json, "retry-after": "4" }, error("rate_limit_error"));
    expect((await call(0)).status).toBe(200);
    const from = performance.now();
    const rests = async () => (await healthOf(1, tired)).state === "resting";
    await until("the other node knows", rests, 5_000).catch(() => undefined);
    return performance.now() - from;
  });
  console.log(`the other node knew of the rest after ${heardAfter.toFixed(0)} ms`);
  expect(heardAfter).toBeLessThan(1_000);
  const [own, heard] = [(await healthOf(0, tired)).rests[0], (await healthOf(1, tired)).rests[0]];
  expect(own).toMatchObject({ family: "claude-sonnet", reason: "rate_limited", heardFrom: null });
  expect(heard).toMatchObject({ family: "claude-sonnet", reason: "rate_limited", heardFrom: expect.any(String) });
  expect(Math.abs(Date.parse(heard.until) - Date.parse(own.until))).toBeLessThan(1_500);
  for (let i = 0; i < 5; ++i) expect((await call(1)).status).toBe(200);
  expect(first.requests).toHaveLength(1); // only node 0 has ever asked it

  first.reply = well;
  for (const n of [1, 0]) {
    await until("it is back", async () => {
      expect((await call(n)).status).toBe(200);
      return (await healthOf(n, tired)).state === "available";
    }, 15_000);
  }
  first.clear();
  for (const n of [0, 1]) expect((await call(n)).status).toBe(200);
  expect(first.requests).toHaveLength(2);
  for (const id of [tired, spare]) expect((await ask(0, "DELETE", `/${id}`)).status).toBe(200);
}, 120_000);
