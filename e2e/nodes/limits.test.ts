// A limit is one limit, however many nodes there are: requests a minute, calls at one time.
import { Agent, request } from "node:http";
import { beforeAll, expect, test } from "vitest";
import { answer } from "../support/provider";
import { useProvider, useSimulate } from "../support/use";
import { useNodes } from "../support/use_nodes";
import { Person } from "../support/people";
import { messagesRequest } from "../support/answers";
import { until } from "../support/until";

const upstream = useSimulate();
const provider = useProvider();
const up = useNodes("MariaDB and Redis", () => ({ upstream: upstream.simulate.url }));
const slow = useNodes("MariaDB and Redis", () => ({ upstream: provider.url, env: { DRAIN_LIMIT: "2s" } }));
const queueing = useNodes("Redis alone", () => ({ upstream: provider.url, env: { QUEUE_WAIT_MAX: "60s", DRAIN_LIMIT: "2s" } }));
let admin: Person;
beforeAll(async () => {
  admin = await up.cluster.admin();
});

function call(agent: Agent, port: number, key: string): Promise<number> {
  return new Promise((resolve) => {
    const body = JSON.stringify(messagesRequest());
    const headers = { "x-api-key": key, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent, port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers }, (got) => {
      got.resume().once("close", () => resolve(got.statusCode!));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}

/** How many of so many calls at so many connections are let in, and in what time. */
async function rush(port: number, key: string, calls: number, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = new Map<number, number>();
  let sent = 0;
  const began = performance.now();
  const one = async () => {
    while (sent < calls) {
      sent++;
      const status = await call(agent, port, key);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
  return { statuses, admitted: statuses.get(200) ?? 0, seconds: (performance.now() - began) / 1_000 };
}

// ARCHITECTURE.md, "Several nodes": N a minute over k nodes lets in N + N*T/60 + min(k*c, N/60) in any T seconds, where
// c is the piece of credits that a node fetches at a time.
const nodes = 2;
const pieceOf = (limit: number) => Math.min(50, Math.max(1, Math.floor(limit / 20)));
const mostOf = (limit: number, seconds: number) => Math.floor(limit + (limit * seconds) / 60 + Math.min(nodes * pieceOf(limit), limit / 60));

test("600 requests a minute: of 4,000 calls over both nodes no more are let in than one node would", async () => {
  const limit = 600;
  const { statuses, admitted, seconds } = await up.cluster.undisturbed(async () => {
    const key = await admin.key({ rateLimit: { requestsPerMinute: limit } });
    return rush(up.cluster.port, key.key, 4_000, 64);
  });
  const most = mostOf(limit, seconds);
  console.log(`4,000 calls from 64 connections over two nodes in ${seconds.toFixed(2)} s: ${admitted} let in, at most ${most} may be`);
  expect([...statuses.keys()].sort()).toEqual([200, 429]);
  expect(admitted).toBeLessThanOrEqual(most);
  expect(admitted).toBeGreaterThanOrEqual(limit * 0.95); // what is promised is also given
});

test("a small limit is as exact", async () => {
  const limit = 10;
  const { admitted, seconds } = await up.cluster.undisturbed(async () => {
    const key = await admin.key({ rateLimit: { requestsPerMinute: limit } });
    return rush(up.cluster.port, key.key, 200, 8);
  });
  console.log(`a limit of ${limit} under 200 calls over two nodes in ${seconds.toFixed(2)} s: ${admitted} let in`);
  expect(admitted).toBeLessThanOrEqual(mostOf(limit, seconds));
  expect(admitted).toBeGreaterThanOrEqual(limit - 1);
});

test("calls at one time: the limit is over both nodes, and what ends makes room on either", async () => {
  const limit = 6;
  const person = await slow.cluster.admin();
  const held: (() => void)[] = [];
  provider.reply = (request) => void held.push(() => answer(request, 200, { "content-type": "application/json" }, "{}"));
  const endAll = () => held.splice(0).forEach((end) => end());
  const agent = new Agent({ keepAlive: false });
  const { key, running } = await slow.cluster.undisturbed(async () => {
    const fresh = await person.key({ rateLimit: { concurrency: limit } });
    let refused = 0;
    const calls = Array.from({ length: 30 }, async (_, n) => {
      const status = await call(agent, slow.cluster.node(n % 2).port, fresh.key);
      if (status === 429) refused++;
      return status;
    });
    await until("each call runs or is refused", () => refused + held.length === 30);
    const running = held.length;
    endAll();
    await Promise.all(calls);
    return { key: fresh, running };
  });
  expect(running).toBe(limit);
  for (const n of [0, 1]) {
    await until(`node ${n} lets one in again`, async () => {
      const status = call(agent, slow.cluster.node(n).port, key.key);
      await Promise.race([status, until("it has come", () => held.length > 0)]);
      endAll();
      return (await status) === 200;
    });
  }
});

test("calls that wait at one node get the slots that the other gives back", async () => {
  const person = await queueing.cluster.admin();
  const key = await person.key({ rateLimit: { concurrency: 3 } });
  let [running, most] = [0, 0];
  provider.reply = (request) => {
    most = Math.max(most, ++running);
    setTimeout(() => {
      running--;
      answer(request, 200, { "content-type": "application/json" }, "{}");
    }, 20);
  };
  const agent = new Agent({ keepAlive: false });
  const statuses = await Promise.all(Array.from({ length: 30 }, (_, n) => call(agent, queueing.cluster.node(n % 2).port, key.key)));
  expect(statuses).toEqual(Array(30).fill(200));
  expect(most).toBeLessThanOrEqual(3);
});

test("the places of a node that dies come back", async () => {
  const person = await slow.cluster.admin();
  const key = await person.key({ rateLimit: { concurrency: 2 } });
  provider.reply = () => undefined;
  const agent = new Agent({ keepAlive: false });
  const lost = [0, 0].map((n) => call(agent, slow.cluster.node(n).port, key.key));
  await provider.reached(2);
  expect(await call(agent, slow.cluster.node(1).port, key.key)).toBe(429);
  await slow.cluster.node(0).kill();
  await Promise.all(lost);
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, "{}");
  const died = performance.now();
  await until("both places are free again", async () => (await call(agent, slow.cluster.node(1).port, key.key)) === 200, 90_000, 250);
  console.log(`the places of a killed node were free after ${((performance.now() - died) / 1_000).toFixed(1)} s`);
  await slow.cluster.node(0).start();
}, 120_000);
