// Prices that are put right for a time that is past: what usage cost changes, what was charged does not.
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

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
async function call(key: any) {
  const called = await up.relay.post("/v1/messages", messagesRequest({ model: "claude-brandnew-1" }), { "x-api-key": key.key });
  expect(called.status, called.text).toBe(200);
}
async function setPrice(input: string, output: string) {
  const set = await up.relay.command("prices", "set", "claude-brandnew-1", "--provider", "anthropic", "--input", input, "--output", output, "--effective-from", day(-1));
  expect(set.code, set.text).toBe(0);
}
async function rerate(...args: string[]) {
  const done = await up.relay.command("rerate", "--from", day(-1), "--to", day(2), "--json", ...args);
  expect(done.code, done.text).toBe(0);
  return JSON.parse(done.text);
}
/** From the roll-ups, and from the rows themselves. */
async function costs(key: any, requests: number) {
  const rows = `?granularity=hour&from=${day(-1)}&to=${day(2)}`;
  const answers = [await admin.usage(key.id, requests), await admin.usage(key.id, requests, rows)];
  return answers.map((usage) => Number(usage.totals.cost));
}

test("usage is priced again by the table of today: shown, then changed, once", async () => {
  const key = await admin.key();
  await call(key);
  await call(key);
  expect(await costs(key, 2)).toEqual([0, 0]); // nobody knows its price yet
  await setPrice("3", "15");
  await until("a call costs 0.0045", async () => {
    const probe = await admin.key();
    await call(probe);
    return (await costs(probe, 1))[0] === 0.0045;
  }, 3_000);
  await call(key);
  expect(await costs(key, 3)).toEqual([0.0045, 0.0045]);

  await setPrice("7", "10"); // 0.008 a call, since yesterday
  const shown = await rerate("--key", key.id);
  expect(shown).toMatchObject({ applied: false, rowsStored: 0, total: { rows: 3, changed: 3, newlyPriced: 2, priceGone: 0, costBefore: "0.0045", costAfter: "0.024", difference: "0.0195" } });
  expect(shown.lines.map((line: any) => line.model)).toEqual(["claude-brandnew-1"]);
  const words = await up.relay.command("rerate", "--from", day(-1), "--to", day(2), "--key", key.id, "--dry-run");
  expect(words.text).toMatch(/claude-brandnew-1 +3 +3 +0\.0045 +0\.024 +0\.0195 +2 +0 +0 +0\n/);
  expect(words.text).toContain("nothing was changed: run it again with --apply");
  expect(await costs(key, 3)).toEqual([0.0045, 0.0045]);

  expect(await rerate("--key", key.id, "--apply")).toMatchObject({ applied: true, rowsStored: 3, total: { difference: "0.0195" } });
  expect(await costs(key, 3)).toEqual([0.024, 0.024]);
  const { usageCost } = (await admin.get(`/keys/${key.id}`)).body.data;
  expect(Number(usageCost), "what was charged").toBe(0.0045);
  expect(await rerate("--key", key.id, "--apply")).toMatchObject({ rowsStored: 0, lines: [], total: { rows: 3, changed: 0, difference: "0.00" } });

  const trail = (await up.relay.get("/api/admin/audit?action=admin.rerate", admin.bearer)).body.data;
  expect(trail.map((entry: any) => [entry.action, entry.actor, entry.outcome, entry.details.rows])).toEqual([
    ["admin.rerated", "operator", "success", "0"],
    ["admin.rerate_begun", "operator", "success", undefined],
    ["admin.rerated", "operator", "success", "3"],
    ["admin.rerate_begun", "operator", "success", undefined],
  ]);
});

test("calls that end meanwhile are counted, and priced by the next one", async () => {
  const key = await admin.key();
  await setPrice("1", "1"); // 0.0011
  const calls = Promise.all(Array.from({ length: 60 }, () => call(key)));
  await rerate("--apply");
  await calls;
  await admin.usage(key.id, 60);
  await rerate("--apply");
  expect(await costs(key, 60)).toEqual([0.066, 0.066]);
  expect((await rerate()).total.changed).toBe(0);
});

test("what it can't mean is said", async () => {
  const { command } = { command: (...args: string[]) => up.relay.command("rerate", ...args) };
  expect((await command("--from", day(0))).code).toBe(2);
  const backwards = await command("--from", day(1), "--to", day(0));
  expect(backwards.code).toBe(2);
  expect(backwards.text).toContain("--from must be before --to");
  expect((await command("--from", "yesterday", "--to", day(0))).text).toContain("--from must be a time");
  expect((await command("--from", day(0), "--to", day(1), "--apply", "--dry-run")).code).toBe(2);
});
