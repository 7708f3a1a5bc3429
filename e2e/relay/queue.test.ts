// Calls past a concurrency limit that wait for their turn: QUEUE_WAIT_MAX.
import { beforeAll, expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { answer, type ProviderRequest } from "../support/provider";
import { Person } from "../support/people";
import { messagesRequest } from "../support/answers";
import { until } from "../support/until";
import { post, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url, env: { QUEUE_WAIT_MAX: "60s", QUEUE_LENGTH_MAX: "35", LOG_LEVEL: "debug" } }));
let admin: Person;
beforeAll(async () => {
  admin = await Person.admin(up.relay);
});
const call = (key: any, model = "claude-sonnet-4-5") => up.relay.post("/v1/messages", { ...messagesRequest(), model }, { "x-api-key": key.key });
const modelOf = (request: ProviderRequest) => JSON.parse(request.body.toString()).model;
const logged = (words: string) => up.relay.log.split(words).length - 1;
const good = (request: ProviderRequest) => answer(request, 200, { "content-type": "application/json" }, "{}");

test("of forty calls at once five run at a time, and all get through", async () => {
  const key = await admin.key({ rateLimit: { concurrency: 5 } });
  let [running, most] = [0, 0];
  provider.reply = (request) => {
    most = Math.max(most, ++running);
    setTimeout(() => {
      running--;
      good(request);
    }, 10);
  };
  const statuses = (await Promise.all(Array.from({ length: 40 }, () => call(key)))).map((each) => each.status);
  expect(statuses).toEqual(Array(40).fill(200));
  expect(most).toBeLessThanOrEqual(5);
});

test("past the queue's length a call is refused at once", async () => {
  const key = await admin.key({ rateLimit: { concurrency: 1 } });
  const held: ProviderRequest[] = [];
  provider.reply = (request) => void held.push(request);
  let refused = 0;
  const calls = Array.from({ length: 40 }, async () => {
    const { status } = await call(key);
    if (status === 429) refused++;
    return status;
  });
  await until("one runs, 35 wait, four are refused", () => refused === 4 && held.length === 1);
  provider.reply = good;
  held.forEach(good);
  expect((await Promise.all(calls)).filter((status) => status === 200)).toHaveLength(36);
});

test("keys of one user take turns: one that floods keeps no other waiting", async () => {
  const person = await Person.register(up.relay);
  const limited = await up.relay.request("PUT", `/api/admin/users/${person.user.id}`, { rateLimit: { concurrency: 1 } }, admin.bearer);
  expect(limited.status).toBe(200);
  const [flooding, other] = [await person.key(), await person.key()];
  const before = logged("waits for a slot");
  const waiting = () => logged("waits for a slot") - before;
  const held: ProviderRequest[] = [];
  provider.reply = (request) => void held.push(request);
  const calls = [call(flooding, "claude-first")];
  await until("the first runs", () => held.length === 1);
  for (let n = 0; n < 10; n++) calls.push(call(flooding, `claude-flood-${n}`));
  await until("the flood waits", () => waiting() === 10);
  calls.push(call(other, "claude-other"));
  await until("the other waits", () => waiting() === 11);
  while (held.length < 12) {
    const sent = held.length;
    good(held[sent - 1]!);
    await until("the next one runs", () => held.length > sent);
  }
  good(held.at(-1)!);
  expect((await Promise.all(calls)).map((each) => each.status)).toEqual(Array(12).fill(200));
  const order = held.map(modelOf);
  expect(order.indexOf("claude-other")).toBeLessThanOrEqual(2); // one of the flood may go before it
});

test("who leaves while it waits is never sent, and the next one moves up", async () => {
  const key = await admin.key({ rateLimit: { concurrency: 1 } });
  const held: ProviderRequest[] = [];
  provider.reply = (request) => void held.push(request);
  const first = call(key);
  await until("the first runs", () => held.length === 1);
  const before = [logged("waits for a slot"), logged("the client left")];
  const leaving = await Wire.open(up.relay.port);
  leaving.send(post("/v1/messages", { ...messagesRequest(), model: "claude-left" }, { "x-api-key": key.key }));
  await until("it waits", () => logged("waits for a slot") === before[0]! + 1);
  const last = call(key, "claude-last");
  await until("both wait", () => logged("waits for a slot") === before[0]! + 2);
  leaving.close();
  await until("one is gone", () => logged("the client left") === before[1]! + 1);
  provider.reply = good;
  held.forEach(good);
  expect([(await first).status, (await last).status]).toEqual([200, 200]);
  expect(provider.requests.map(modelOf)).toEqual([expect.anything(), "claude-last"]);
});
