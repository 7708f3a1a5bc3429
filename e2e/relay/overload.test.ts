// More calls at one time than IN_FLIGHT_MAX: the last fifth of the bound is given out by the plan's priority.
import { expect, test } from "vitest";
import { messagesRequest } from "../support/answers";
import { Person } from "../support/people";
import { answer, type ProviderRequest } from "../support/provider";
import { until } from "../support/until";
import { useProvider, useRelay } from "../support/use";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url, env: { RELAY_ENV: "test", BCRYPT_COST: "4", IN_FLIGHT_MAX: "10" } }));

/** Somebody whose plan has this priority; makes a call with a key of theirs. */
async function caller(admin: Person, priority: number) {
  const plan = await up.relay.request("PUT", `/api/admin/plans/priority-${priority}`, { priority }, admin.bearer);
  expect(plan.body.data.priority).toBe(priority);
  const person = await Person.register(up.relay);
  const tied = await up.relay.request("PUT", `/api/admin/users/${person.user.id}`, { plan: `priority-${priority}` }, admin.bearer);
  expect(tied.status, tied.text).toBe(200);
  const { key } = await person.key();
  return (more: object = {}) => up.relay.messages(messagesRequest(more), { "x-api-key": key });
}

test("under load a plan of priority 0 is refused with Retry-After while one of priority 100 passes", async () => {
  const held: ProviderRequest[] = [];
  const well = (request: ProviderRequest) => answer(request, 200, { "content-type": "application/json" }, "{}");
  provider.reply = (request) => (request.json().metadata?.user_id === "held" ? held.push(request) : well(request));
  const admin = await Person.admin(up.relay);
  const [last, usual, first] = [await caller(admin, 0), await caller(admin, 50), await caller(admin, 100)];

  // A call counts for a moment longer than its client waits: what passes may have to ask again.
  const passed = async (call: () => Promise<{ status: number }>) => {
    for (;;) {
      const { status } = await call();
      if (status !== 529) return status;
    }
  };
  const running: Promise<number>[] = [];
  const hold = async (count: number) => {
    while (running.length < count) running.push(passed(() => first({ metadata: { user_id: "held" } })));
    await until(`${count} calls run`, () => held.length === count);
  };
  const passes = async (call: typeof last) => expect(await passed(call)).toBe(200);
  const refused = async (call: typeof last) => {
    const answered = await call();
    expect([answered.status, answered.body.error.type]).toEqual([529, "overloaded_error"]);
    expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0);
  };

  await hold(7);
  for (const call of [last, usual, first]) await passes(call);
  await hold(8);
  await refused(last);
  await passes(usual);
  await passes(first);
  await hold(9);
  await refused(last);
  await refused(usual);
  await passes(first);
  await hold(10);
  for (const call of [last, usual, first]) await refused(call);

  // OpenAI's clients know 503, not 529.
  const { key } = await admin.key();
  const chat = await up.relay.post("/v1/chat/completions", { model: "gpt-5.5", messages: [{ role: "user", content: "hello" }] }, { authorization: `Bearer ${key}` });
  expect(chat.status).toBe(503);
  expect(Number(chat.headers.get("retry-after"))).toBeGreaterThan(0);

  held.forEach(well);
  expect(await Promise.all(running)).toEqual(Array(10).fill(200));
  await passes(last);
});
