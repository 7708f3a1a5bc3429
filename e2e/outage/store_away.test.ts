// The store is away: gone, silent, slow, and back. docs/outages.md says what is tested here.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { costOfUsage, message } from "../support/answers";
import { clientCalls, nobodysKey, relayed, type Timed } from "../support/calls_to_node";
import { Person } from "../support/people";
import { answer } from "../support/provider";
import type { Relay } from "../support/relay";
import { useProvider } from "../support/use";
import { type Kind, kinds, useNodes } from "../support/use_nodes";
import { median, until } from "../support/until";

const provider = useProvider();
beforeEach(() => {
  let answers = 0;
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message(`msg_${++answers}`)));
});

// Whoever waits for a store that says nothing waits so long at most.
const refusedWithinMs = 15_000;

function expectUnavailable(what: string, got: Timed) {
  expect(got.status, `${what}: ${got.text}`).toBe(503);
  expect(Number(got.headers.get("retry-after")), what).toBeGreaterThan(0);
}

describe.each(Object.keys(kinds) as Kind[])("one node on %s", (kind) => {
  const up = useNodes(kind, () => ({ upstream: provider.url, nodes: 1 }));
  let relay: Relay;
  let admin: Person;
  beforeAll(async () => {
    relay = up.cluster.node(0).relay;
    admin = await up.cluster.admin();
  });
  const store = () => up.cluster.node(0).store;
  const warmKey = async () => {
    const key = await admin.key();
    expect((await relayed(relay, key.key)).status).toBe(200);
    return key;
  };
  const isWell = () => until("the relay is ready again", async () => (await relay.get("/ready")).status === 200, 30_000);

  const ways = [
    ["gone", "cut"],
    ["silent", "block"],
  ] as const;
  test.each(ways)("a store that is %s: known keys go on, everything else is 503 with Retry-After, nothing is lost", async (word, break_) => {
    const known = await warmKey();
    const unknown = await admin.key();
    store()[break_]();

    const began = performance.now();
    const calls = { "a key that was not used before": () => relayed(relay, unknown.key), "nobody's key": () => relayed(relay, nobodysKey()), ...clientCalls(relay, admin.bearer) };
    const refusals = Promise.all(Object.entries(calls).map(async ([what, call]) => [what, await call()] as const));

    // Beside them, and longer than a snapshot's age, so that it is the outage's own rule that lets them in.
    const times: number[] = [];
    await until("twelve seconds have passed", async () => {
      const got = await relayed(relay, known.key);
      expect(got.status, got.text).toBe(200);
      times.push(got.ms);
      return performance.now() - began > 12_000;
    }, 90_000, 100);
    const refused = await refusals;
    for (const [what, got] of refused) expectUnavailable(`${what} while the store is ${word}`, got);
    const slowest = [...refused].sort(([, a], [, b]) => b.ms - a.ms)[0]!;
    const ready = await relay.get("/ready");
    expect(ready.status).toBe(503);
    expect(ready.body.data.checks.find((check: any) => check.name === "store").ready).toBe(false);
    expect((await relay.get("/health")).status).toBe(200);

    store().heal();
    const healed = performance.now();
    await isWell();
    const back = performance.now() - healed;
    const { totals } = await admin.usage(known.id, 1 + times.length, "", 30_000);
    expect(totals.tokens.output).toBe((1 + times.length) * 500);
    expect(Number(totals.cost)).toBeCloseTo((1 + times.length) * Number(costOfUsage), 9);
    const drained = performance.now() - healed;
    expect((await relayed(relay, unknown.key)).status).toBe(200);
    expect((await relayed(relay, nobodysKey())).status).toBe(401);
    console.log(
      `${kind}, store ${word}: ${times.length} calls with a known key in 12 s, ${median(times).toFixed(1)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst); ` +
        `slowest refusal ${slowest[1].ms.toFixed(0)} ms (${slowest[0]}); ready ${back.toFixed(0)} ms after it came back, all stored after ${drained.toFixed(0)} ms`,
    );
    expect(median(times)).toBeLessThan(100);
    expect(slowest[1].ms).toBeLessThan(refusedWithinMs);
  }, 120_000);

  test("a slow store (200 ms) slows what asks it, and not known keys", async () => {
    const known = await warmKey();
    store().slow(100);
    const times: number[] = [];
    for (let n = 0; n < 30; n++) {
      const got = await relayed(relay, known.key);
      expect(got.status, got.text).toBe(200);
      times.push(got.ms);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const profile = await admin.get("/users/profile");
    expect(profile.status, profile.text).toBe(200);
    const login = await relay.post("/api/client/auth/login", { email: admin.email, password: admin.password });
    expect(login.status, login.text).toBe(200);
    console.log(`${kind}, store slow by 200 ms: known keys ${median(times).toFixed(1)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst)`);
    expect(median(times)).toBeLessThan(100); // half of what the store takes
    store().heal();
    await admin.usage(known.id, 31, "", 30_000);
  }, 60_000);

  test("a store that was killed and started again is found again, without a restart", async () => {
    const known = await warmKey();
    const server = up.servers.mariadb ?? up.servers.redis!;
    await server.kill();
    expect((await relayed(relay, known.key)).status).toBe(200);
    expectUnavailable("login", await clientCalls(relay, admin.bearer).login());
    await server.start();
    const started = performance.now();
    await isWell();
    console.log(`${kind}: ready ${(performance.now() - started).toFixed(0)} ms after the store was started again`);
    await admin.usage(known.id, 2, "", 30_000);
    expect((await admin.get("/users/profile")).status).toBe(200);
  }, 90_000);

  test("a store that stands still for a while is waited for, and calls end", async () => {
    const known = await warmKey();
    const server = up.servers.mariadb ?? up.servers.redis!;
    server.pause();
    try {
      expect((await relayed(relay, known.key)).status).toBe(200);
      expectUnavailable("profile", await clientCalls(relay, admin.bearer).profile());
    } finally {
      server.resume();
    }
    await isWell();
    await admin.usage(known.id, 2, "", 30_000);
  }, 90_000);
});
