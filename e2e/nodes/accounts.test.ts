// What an account has spent today is one sum, whichever node spent it.
import { expect, test } from "vitest";
import { costOfUsage, message, messagesRequest } from "../support/answers";
import { answer, type ProviderRequest } from "../support/provider";
import { until } from "../support/until";
import { useProvider } from "../support/use";
import { useNodes } from "../support/use_nodes";

const capped = useProvider();
const other = useProvider();
const up = useNodes("MariaDB and Redis", () => ({ env: { ANTHROPIC_API_KEY: "", ALLOW_PRIVATE_UPSTREAMS: "true" } }));

const good = (request: ProviderRequest) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_1")));

test("an account that one node has spent is passed over by the other within its next readings", async () => {
  capped.reply = other.reply = good;
  const admin = await up.cluster.admin();
  const health = async (n: number, id: string): Promise<any> => {
    const { body } = await up.cluster.node(n).relay.get("/api/admin/accounts/health", admin.bearer);
    return body.data.find((account: any) => account.id === id);
  };
  const add = async (name: string, fields: object): Promise<string> => {
    const made = await up.cluster.node(0).relay.request("POST", "/api/admin/accounts", { name, provider: "anthropic", credential: `sk-ant-account-${name}`, ...fields }, admin.bearer);
    expect(made.status, made.text).toBe(201);
    for (const n of [0, 1]) await until("the account is in force", async () => (await health(n, made.body.data.id)) !== undefined);
    return made.body.data.id;
  };
  const id = await add("capped", { baseUrl: capped.url, dailySpendCap: costOfUsage });
  await add("other", { baseUrl: other.url, priority: 1 });
  const call = async (n: number) => expect((await up.cluster.node(n).relay.messages(messagesRequest())).status).toBe(200);

  await call(0);
  expect(capped.requests).toHaveLength(1);
  expect((await health(0, id)).state).toBe("spent");
  const spent = performance.now();
  await until("the other node knows", async () => (await health(1, id)).state === "spent", 60_000, 250);
  console.log(`the other node knew after ${((performance.now() - spent) / 1_000).toFixed(1)} s`);
  expect((await health(1, id)).spentToday).toBe(costOfUsage);
  for (const n of [0, 1]) await call(n);
  expect([capped.requests.length, other.requests.length]).toEqual([1, 2]);
}, 90_000);
