// Redis is away while the data is in MariaDB: nodes go on, each with its share of what is shared.
import { beforeAll, describe, expect, test } from "vitest";
import { relayed } from "../support/calls_to_node";
import { Person } from "../support/people";
import { useSimulate } from "../support/use";
import { useNodes } from "../support/use_nodes";
import { median, until } from "../support/until";

const upstream = useSimulate();

describe("two nodes on MariaDB and Redis", () => {
  const up = useNodes("MariaDB and Redis", () => ({ upstream: upstream.simulate.url }));
  let admin: Person;
  beforeAll(async () => {
    admin = await up.cluster.admin();
    // Nodes count each other by a heartbeat of two seconds. Nothing outside says what they have counted.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  });
  const breakAll = (way: "cut" | "block") => up.cluster.nodes.forEach(({ links }) => links.redis![way]());
  /** So many calls at both nodes in turn: how many were let in, and the times. */
  async function calls(key: string, count: number) {
    const times: number[] = [];
    let admitted = 0;
    for (let n = 0; n < count; n++) {
      const got = await relayed(up.cluster.node(n % 2).relay, key);
      expect([200, 429], got.text).toContain(got.status);
      if (got.status === 200) admitted++;
      times.push(got.ms);
    }
    return { admitted, times };
  }

  test.each([
    ["gone", "cut"],
    ["silent", "block"],
  ] as const)("Redis %s: calls go on, a limit is shared out between the nodes", async (word, break_) => {
    const limit = 20;
    const [free, limited] = [await admin.key(), await admin.key({ rateLimit: { requestsPerMinute: limit } })];
    // Both nodes have seen each other, and the key.
    await calls(free.key, 4);
    breakAll(break_);
    const began = performance.now();
    const { times } = await calls(free.key, 40);
    const { admitted, times: limitedTimes } = await calls(limited.key, 3 * limit);
    const grown = Math.ceil((limit * (performance.now() - began)) / 60_000);
    console.log(
      `Redis ${word}: calls without a limit ${median(times).toFixed(1)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst); with one ${median(limitedTimes).toFixed(1)} and ` +
        `${Math.max(...limitedTimes).toFixed(0)} ms; of a limit of ${limit} two nodes let in ${admitted}`,
    );
    expect(admitted).toBeLessThanOrEqual(limit + grown + 2); // each node rounds its share up
    expect(admitted).toBeGreaterThanOrEqual(limit / 2); // and nobody is shut out
    expect(median(times)).toBeLessThan(60);
    expect(Math.max(...limitedTimes)).toBeLessThan(500); // the deadline is 50 ms, the machine is shared
    up.cluster.heal();
    const healed = performance.now();
    await until("a limit is one again", async () => {
      const key = await admin.key({ rateLimit: { requestsPerMinute: 2 } });
      return (await calls(key.key, 8)).admitted === 2;
    }, 30_000, 250);
    console.log(`Redis ${word} and back: limits were shared again after ${(performance.now() - healed).toFixed(0)} ms`);
  }, 90_000);

  test("Redis gone: a revoked key is refused on the other node within ten seconds", async () => {
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const key = await admin.key();
      const there = up.cluster.node(1).relay;
      expect((await relayed(there, key.key)).status).toBe(200);
      breakAll("cut");
      expect((await admin.delete(`/keys/${key.id}`)).status).toBe(200);
      const done = performance.now();
      await until("refused", async () => (await relayed(there, key.key)).status === 401, 15_000, 20);
      times.push(performance.now() - done);
      up.cluster.heal();
      await until("both are ready", async () => (await Promise.all(up.cluster.nodes.map(({ relay }) => relay.get("/ready")))).every(({ status }) => status === 200), 15_000);
    }
    console.log(`Redis gone: a revoked key was refused on the other node after ${times.map((ms) => ms.toFixed(0)).join(", ")} ms`);
    expect(Math.max(...times)).toBeLessThan(10_000);
  }, 90_000);

  test("Redis gone: sessions go on, what must be used once waits with 503", async () => {
    // The links of the test before have just come back, and registering counts in Redis.
    const person = await until("people can register", () => Person.register(up.cluster.node(0).relay).catch(() => undefined), 15_000, 250);
    breakAll("cut");
    expect((await person.get("/users/profile")).status).toBe(200);
    expect((await person.get("/keys")).status).toBe(200);
    const { relay } = up.cluster.node(0);
    for (const answer of [await relay.get("/api/client/auth/public-key"), await relay.post("/api/client/auth/login", { email: person.email, password: person.password })]) {
      expect([200, 503], answer.text).toContain(answer.status);
      if (answer.status === 503) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      console.log(`Redis gone: ${answer.status} ${answer.text.slice(0, 120)}`);
    }
  }, 60_000);

  test("Redis killed and started again: both nodes share again, without a restart", async () => {
    await up.servers.redis!.kill();
    const key = await admin.key({ rateLimit: { requestsPerMinute: 3 } });
    expect((await relayed(up.cluster.node(0).relay, key.key)).status).toBe(200);
    await up.servers.redis!.start();
    await until("a limit is one again", async () => {
      const fresh = await admin.key({ rateLimit: { requestsPerMinute: 2 } });
      return (await calls(fresh.key, 8)).admitted === 2;
    }, 30_000, 250);
  }, 60_000);
});
