// Several accounts at one provider: what one of them can't answer another does, and a conversation stays where it was.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { Accounts } from "../support/accounts";
import { costOfUsage, message, messageEvents, messagesRequest } from "../support/answers";
import { answer, chunk, Provider, startStream, type Reply } from "../support/provider";
import { median, until } from "../support/until";

const json = { "content-type": "application/json" };
const overloaded = JSON.stringify({ type: "error", error: { type: "overloaded_error", message: "Overloaded, says the provider" } });
const refuses: Reply = (request) => answer(request, 529, json, overloaded);
const hangs: Reply = () => undefined;
const works: Reply = (request) => answer(request, 200, json, JSON.stringify(message("msg_well")));

// A thousand calls on a machine that runs other tests beside them.
vi.setConfig({ testTimeout: 90_000 });

let ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.reverse()) await end();
  ended = [];
});

async function accounts(env: Record<string, string> = {}): Promise<Accounts> {
  const started = await Accounts.start({ env });
  ended.push(() => started.stop());
  return started;
}
async function provider(reply: Reply): Promise<Provider> {
  const started = await new Provider().listen();
  started.reply = reply;
  ended.push(() => started.stop());
  return started;
}
/** Calls by `workers` at once; how long each took, in milliseconds. */
async function many(calls: number, workers: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < calls; i = next++) {
      const from = performance.now();
      await call(i);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return times;
}

test("of three accounts one refuses, one hangs, one works: every call succeeds, and hardly one is slower", async () => {
  const up = await accounts({ UPSTREAM_FIRST_BYTE_TIMEOUT: "500ms" });
  const [first, second, third] = [await provider(refuses), await provider(hangs), await provider(works)];
  const plain = await accounts();
  for (const each of [up, plain]) await each.add("third", third.url);
  const [refusing, hanging] = [await up.add("first", first.url), await up.add("second", second.url)];
  const call = (each: Accounts) => async () => expect((await each.relay.messages(messagesRequest())).status).toBe(200);
  await many(40, 8, call(up));
  await until("both rest", async () => (await up.healthOf(refusing)).state === "resting" && (await up.healthOf(hanging)).state === "resting");
  const asked = first.requests.length + second.requests.length;
  // By turns, so that what else the machine does is the same for both.
  const times: { plain: number[]; up: number[] } = { plain: [], up: [] };
  for (let round = 0; round < 10; ++round) {
    times.plain.push(...(await many(100, 8, call(plain))));
    times.up.push(...(await many(100, 8, call(up))));
  }
  const [alone, beside] = [median(times.plain), median(times.up)];
  console.log(`failover: 1000 calls, median alone ${alone.toFixed(2)} ms, with two accounts away ${beside.toFixed(2)} ms; ${asked} calls met them before they rested, ${first.requests.length + second.requests.length - asked} later`);
  expect(beside - alone).toBeLessThan(50); // the figure is 5 ms on a machine that does nothing else
  const rest = (await up.healthOf(hanging)).rests[0];
  expect(rest).toMatchObject({ family: null, reason: "timed_out", heardFrom: null });
  expect(Date.parse(rest.until)).toBeGreaterThan(Date.parse(rest.since));
  expect((await up.healthOf(refusing)).rests[0]).toMatchObject({ family: "claude-sonnet", reason: "overloaded" });
});

test("an account that is well again returns by itself", async () => {
  const up = await accounts();
  const [first, spare] = [await provider(refuses), await provider(works)];
  const id = await up.add("first", first.url);
  await up.add("spare", spare.url, { priority: 10 });
  expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  expect((await up.healthOf(id)).state).toBe("resting");
  first.reply = works;
  await until("it is back", async () => {
    await up.relay.messages(messagesRequest());
    return (await up.healthOf(id)).state === "available";
  }, 10_000);
  first.clear();
  spare.clear();
  for (let i = 0; i < 10; ++i) await up.relay.messages(messagesRequest());
  expect([first.requests.length, spare.requests.length]).toEqual([10, 0]);
});

test("with all three away the provider's own error comes at once, and there is no storm", async () => {
  const up = await accounts();
  const providers = [await provider(refuses), await provider(refuses), await provider(refuses)];
  for (const [i, { url }] of providers.entries()) await up.add(`away-${i}`, url);
  const times = await many(1000, 16, async () => {
    const refused = await up.relay.messages(messagesRequest());
    expect([refused.status, refused.text]).toEqual([529, overloaded]);
    expect(Number(refused.headers.get("retry-after") ?? 1)).toBeGreaterThan(0);
  });
  const sent = providers.reduce((sum, { requests }) => sum + requests.length, 0);
  console.log(`outage: 1000 calls, ${sent} sent upstream, median ${median(times).toFixed(2)} ms`);
  expect(sent).toBeLessThanOrEqual(1100);
  expect(sent).toBeLessThan(300);
});

const noCredit = JSON.stringify({
  type: "error",
  error: { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits." },
});

test("an account whose credit is used up rests; a request that is wrong is the client's own", async () => {
  const up = await accounts();
  const [poor, spare] = [await provider((request) => answer(request, 400, json, noCredit)), await provider(works)];
  const id = await up.add("poor", poor.url);
  await up.add("spare", spare.url, { priority: 10 });
  for (let i = 0; i < 3; ++i) expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  expect([poor.requests.length, spare.requests.length]).toEqual([1, 3]);
  expect((await up.healthOf(id)).rests).toEqual([expect.objectContaining({ family: null, reason: "billing" })]);

  const wrong = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: "max_tokens: Field required" } });
  spare.reply = (request) => answer(request, 400, json, wrong);
  await up.add("third", poor.url, { priority: 20 });
  const refused = await up.relay.messages(messagesRequest());
  expect([refused.status, refused.text]).toEqual([400, wrong]);
  expect(poor.requests).toHaveLength(1);
});

test("an OpenAI account whose quota is used up rests as a whole", async () => {
  const up = await accounts({ OPENAI_API_KEY: "" });
  const used = JSON.stringify({ error: { message: "You exceeded your current quota", type: "insufficient_quota", param: null, code: "insufficient_quota" } });
  const [poor, spare] = [
    await provider((request) => answer(request, 429, { ...json, "retry-after": "1" }, used)),
    await provider((request) => answer(request, 200, json, JSON.stringify({ id: "chatcmpl-1", object: "chat.completion", model: "gpt-5.5", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }))),
  ];
  const id = await up.add("poor", poor.url, { provider: "openai" });
  await up.add("spare", spare.url, { provider: "openai", priority: 10 });
  const chat = () => up.relay.post("/v1/chat/completions", { model: "gpt-5.5", messages: [{ role: "user", content: "hello" }] }, { authorization: `Bearer ${up.relay.admin.key}` });
  for (let i = 0; i < 3; ++i) expect((await chat()).status).toBe(200);
  expect([poor.requests.length, spare.requests.length]).toEqual([1, 3]);
  const [rest] = (await up.healthOf(id)).rests;
  expect(rest).toMatchObject({ family: null, reason: "billing" });
  expect(Date.parse(rest.until) - Date.parse(rest.since)).toBeGreaterThan(60_000);
});

test("an account rests until the date that its provider says", async () => {
  const up = await accounts();
  const date = () => new Date(Date.now() + 120_000).toUTCString();
  const [limited, spare] = [await provider((request) => answer(request, 429, { ...json, "retry-after": date() }, overloaded)), await provider(works)];
  const id = await up.add("limited", limited.url);
  await up.add("spare", spare.url, { priority: 10 });
  expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  const [rest] = (await up.healthOf(id)).rests;
  const seconds = (Date.parse(rest.until) - Date.parse(rest.since)) / 1_000;
  expect(seconds).toBeGreaterThan(60); // its own time is 5 s
  expect(seconds).toBeLessThan(140); // and a tenth more
});

test("a stream that begins with an error goes on elsewhere; one that has begun does not", async () => {
  const up = await accounts();
  const broken = await provider((request) => {
    startStream(request);
    request.socket.write(Buffer.concat([chunk(`event: error\ndata: ${overloaded}\n\n`), Buffer.from("0\r\n\r\n")]));
  });
  const whole = await provider((request) => {
    startStream(request);
    for (const event of messageEvents("msg_whole")) request.socket.write(chunk(event));
    request.socket.write("0\r\n\r\n");
  });
  await up.add("broken", broken.url);
  await up.add("whole", whole.url, { priority: 1 });
  const streamed = await up.relay.messages(messagesRequest({ stream: true }));
  expect([streamed.status, streamed.text]).toEqual([200, messageEvents("msg_whole").join("")]);
  whole.reply = (request) => {
    startStream(request);
    request.socket.end(chunk(messageEvents("msg_whole")[0]!));
  };
  whole.clear();
  await up.relay.messages(messagesRequest({ stream: true })).catch(() => undefined);
  expect(whole.requests).toHaveLength(1);
});

test("200 sessions over 5 accounts: each stays; while one rests only its own move, and they come back", async () => {
  const up = await accounts();
  const providers = await Promise.all(Array.from({ length: 5 }, () => provider(works)));
  const ids: string[] = [];
  for (const [i, { url }] of providers.entries()) ids.push(await up.add(`account-${i}`, url));
  const homes = async (calls: number) => {
    for (const each of providers) each.clear();
    await many(200 * calls, 8, (i) => up.relay.messages(messagesRequest(), { "x-claude-code-session-id": `session-${i % 200}` }));
    const seen = new Map<string, Map<number, number>>();
    for (const [i, { requests }] of providers.entries()) {
      for (const request of requests) {
        const session = request.get("x-claude-code-session-id")!;
        const at = seen.get(session) ?? new Map<number, number>();
        seen.set(session, at.set(i, (at.get(i) ?? 0) + 1));
      }
    }
    return seen;
  };
  const homeOf = (at: Map<number, number>) => [...at].sort((a, b) => b[1] - a[1])[0]![0];
  const before = await homes(5);
  let [strayed, total] = [0, 0];
  for (const at of before.values()) {
    const calls = [...at.values()].reduce((sum, n) => sum + n, 0);
    total += calls;
    strayed += calls - Math.max(...at.values());
  }
  console.log(`affinity: ${total} calls of ${before.size} sessions, ${strayed} not at their session's account`);
  expect(total).toBe(1000);
  expect(strayed / total).toBeLessThanOrEqual(0.01);

  providers[2]!.reply = (request) => answer(request, 429, { ...json, "retry-after": "4" }, overloaded);
  await homes(1);
  const during = await homes(2);
  for (const [session, at] of before) {
    if (homeOf(at) === 2) expect(homeOf(during.get(session)!)).not.toBe(2);
    else expect([...during.get(session)!.keys()]).toEqual([homeOf(at)]);
  }
  providers[2]!.reply = works;
  await until("it is back", async () => {
    await homes(1);
    return (await up.healthOf(ids[2]!)).state === "available";
  }, 15_000);
  const after = await homes(1);
  for (const [session, at] of before) expect(homeOf(after.get(session)!)).toBe(homeOf(at));
});

test("with UPSTREAM_HEDGE_AFTER a call that waits is made at a second account as well, and the first is left", async () => {
  const up = await accounts({ UPSTREAM_HEDGE_AFTER: "100ms" });
  const [slow, well] = [await provider(hangs), await provider(works)];
  await up.add("first", slow.url, { priority: 0 });
  await up.add("second", well.url, { priority: 1 });
  for (let n = 1; n <= 5; n++) {
    const hedged = await up.relay.messages(messagesRequest());
    expect([hedged.status, hedged.body.id]).toEqual([200, "msg_well"]);
    await until("the first is left", () => slow.requests.length === n && slow.requests[n - 1]!.socket.destroyed);
  }
  expect(well.requests).toHaveLength(5);
});

test("an account that has spent its cap of the day is passed over, and still is after a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "relay-spent-"));
  ended.push(() => rm(folder, { recursive: true, force: true }));
  const [capped, other] = [await provider(works), await provider(works)];
  let up = await Accounts.start({ folder });
  const id = await up.add("capped", capped.url, { dailySpendCap: costOfUsage });
  await up.add("other", other.url, { priority: 1 });
  const call = async () => expect((await up.relay.messages(messagesRequest())).status).toBe(200);
  await call();
  await call();
  expect([capped.requests.length, other.requests.length]).toEqual([1, 1]);
  expect(await up.healthOf(id)).toMatchObject({ state: "spent", spentToday: costOfUsage, dailySpendCap: costOfUsage });

  const { admin } = up.relay;
  await up.relay.process.stop("SIGKILL"); // nothing is told that was not in the journal
  up = await Accounts.start({ folder }, admin);
  ended.push(() => up.stop());
  expect(await up.healthOf(id)).toMatchObject({ state: "spent", spentToday: costOfUsage });
  await call();
  expect([capped.requests.length, other.requests.length]).toEqual([1, 2]);
});
