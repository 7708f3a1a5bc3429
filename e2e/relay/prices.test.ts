// A price that is changed while the relay runs is the price of the next call.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, type ProviderRequest } from "../support/provider";
import { Person } from "../support/people";
import { messagesRequest } from "../support/answers";
import { until } from "../support/until";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));
let admin: Person;
beforeAll(async () => {
  admin = await Person.admin(up.relay);
});
beforeEach(() => {
  provider.reply = (request: ProviderRequest) => {
    const usage = { input_tokens: 1000, output_tokens: 100 };
    const body = { id: "msg_1", type: "message", role: "assistant", model: "claude-brandnew-1", content: [], stop_reason: "end_turn", usage };
    answer(request, 200, { "content-type": "application/json" }, JSON.stringify(body));
  };
});

const prices = (method: string, path = "", body?: unknown) => up.relay.request(method, `/api/admin/prices${path}`, body, admin.bearer);
async function cost() {
  const key = await admin.key();
  const called = await up.relay.post("/v1/messages", messagesRequest({ model: "claude-brandnew-1" }), { "x-api-key": key.key });
  expect(called.status, called.text).toBe(200);
  return Number((await admin.usage(key.id, 1)).totals.cost);
}

test("a price that was added, followed and corrected is charged from then on", async () => {
  expect(await cost()).toBe(0);
  const added = await prices("POST", "", { model: "claude-brandnew-*", provider: "anthropic", input: "3", output: "15" });
  expect(added.status, added.text).toBe(201);
  expect(added.body.data).toMatchObject({ model: "claude-brandnew-*", tier: "standard", contextOver: 0, input: "3.00", cacheWrite5m: "3.75", cacheWrite1h: "6.00", cacheRead: "0.30", output: "15.00", webSearch: "10.00" });
  expect(await cost()).toBe(0.0045);

  expect((await prices("POST", "", { model: "claude-brandnew-1", provider: "anthropic", input: "1", output: "1" })).status).toBe(201);
  expect(await cost()).toBe(0.0011);

  const line = (await prices("GET", "?model=claude-brandnew-1&at=2098-01-01")).body.data.find((price: any) => price.model === "claude-brandnew-1");
  expect((await prices("PUT", `/${line.id}`, { output: "2" })).body.data).toMatchObject({ input: "1.00", output: "2.00" });
  expect(await cost()).toBe(0.0012);
  expect((await prices("DELETE", `/${line.id}`)).body.code).toBe("price_in_force");

  const trail = (await up.relay.get("/api/admin/audit?action=admin.price", admin.bearer)).body.data;
  expect(trail.map((entry: any) => [entry.action, entry.target])).toEqual([
    ["admin.price_corrected", "claude-brandnew-1"],
    ["admin.price_added", "claude-brandnew-1"],
    ["admin.price_added", "claude-brandnew-*"],
  ]);
});

// What a command has changed is in force within two seconds; the call itself says when.
const costs = (expected: number) => until(`a call costs ${expected}`, async () => (await cost()) === expected, 3_000);

test("a command's price is in force on the running relay", async () => {
  const set = await up.relay.command("prices", "set", "claude-brandnew-1", "--provider", "anthropic", "--input", "7", "--output", "10");
  expect(set.code, set.text).toBe(0);
  await costs(0.008);
  const listed = await up.relay.command("prices", "list", "--model", "claude-brandnew-1");
  expect(listed.code, listed.text).toBe(0);
  expect(listed.text).toMatch(/claude-brandnew-1 .* 7\.00 +8\.75 +14\.00 +0\.70 +10\.00 +10\.00/);
  const wrong = await up.relay.command("prices", "set", "claude-brandnew-1", "--provider", "anthropic", "--input", "7e1", "--output", "10");
  expect(wrong.code).toBe(1);
  expect(wrong.text).toContain("must be USD as a decimal");
});

test("a LiteLLM file is imported once, and its errors are not taken unasked", async () => {
  const right = { litellm_provider: "anthropic", mode: "chat", input_cost_per_token: 4e-6, output_cost_per_token: 2e-5, cache_creation_input_token_cost: 5e-6, cache_creation_input_token_cost_above_1hr: 8e-6, cache_read_input_token_cost: 4e-7 };
  const wrong = { ...right, cache_creation_input_token_cost_above_1hr: 8e-5 };
  const text = JSON.stringify({ sample_spec: {}, "claude-brandnew-1": right, "claude-wrong-1": wrong });
  const file = join(up.relay.folder, "prices.json");
  await writeFile(file, text);
  const digest = createHash("sha256").update(text).digest("hex");

  const other = await up.relay.command("prices", "import", file, "--sha256", "0".repeat(64));
  expect(other.code, other.text).toBe(1);
  const refused = await up.relay.command("prices", "import", file, "--sha256", digest.toUpperCase());
  expect(refused.code, refused.text).toBe(1);
  expect(refused.text).toContain("! claude-wrong-1  standard: writing to a cache for an hour costs 80.00 where input costs 4.00");
  expect(refused.text).toContain("nothing was changed");
  expect(await cost()).toBe(0.008);

  const taken = await up.relay.command("prices", "import", file, "--skip-doubtful");
  expect(taken.code, taken.text).toBe(0);
  expect(taken.text).toContain(digest);
  expect(taken.text).toContain("input         7.00 -> 4.00");
  expect(taken.text).toContain("2 lines stored");
  await costs(0.006);
  const again = await up.relay.command("prices", "import", file, "--skip-doubtful");
  expect(again.code, again.text).toBe(0);
  expect(again.text).toContain("nothing changes");
  const both = await up.relay.command("prices", "import", file, "--yes");
  expect(both.text).toContain("2 lines stored");
  expect((await up.relay.command("prices", "import", file)).text).toContain("nothing changes");
  const trail = (await up.relay.get("/api/admin/audit?action=admin.prices_imported", admin.bearer)).body.data;
  expect(trail[0]).toMatchObject({ actor: "operator", details: { sha256: digest, lines: "2" } });
});
