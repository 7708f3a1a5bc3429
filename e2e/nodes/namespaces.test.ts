// The nodes, MariaDB and Redis each in a network namespace of their own; the test pulls cables. Where the account may
// not make namespaces, this says so, and outage/ and the other tests of nodes/ show the same with ports and links.
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientCalls, relayed } from "../support/calls_to_node";
import { message } from "../support/answers";
import { Cluster, type Shared } from "../support/nodes";
import { Network, type Place } from "../support/namespaces";
import type { Person } from "../support/people";
import { answer, Provider } from "../support/provider";
import { MariadbServer, RedisServer } from "../support/servers";
import { median, until } from "../support/until";

const network = await Network.make();
if (typeof network === "string") console.log(`skipped: ${network}`);
const isAllowed = typeof network !== "string";
const provider = new Provider();
const shared = {} as Required<Shared>;
const places = {} as { mariadb: Place; redis: Place };
let cluster: Cluster;
let admin: Person;

beforeAll(async () => {
  if (!isAllowed) return;
  await provider.listen(network.host);
  let answers = 0;
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message(`msg_${++answers}`)));
  [places.mariadb, places.redis] = [await network.place(), await network.place()];
  [shared.mariadb, shared.redis] = await Promise.all([MariadbServer.start(places.mariadb), RedisServer.start(places.redis)]);
  cluster = await Cluster.start(shared, { upstream: provider.url, network, env: { ALLOW_PLAINTEXT_PASSWORDS: "true" } });
  admin = await cluster.admin();
}, 90_000);
afterAll(async () => {
  if (!isAllowed) return;
  try {
    await cluster?.stop();
  } finally {
    await Promise.all([shared.mariadb?.stop(), shared.redis?.stop(), provider.stop()]);
    await network.remove();
  }
}, 60_000);

const there = () => cluster.node(1).relay;
/** On node 0 the key is revoked; how long node 1 lets it in. */
async function timeToRefusal(withinMs: number, before: () => Promise<void> = async () => undefined) {
  const key = await admin.key();
  expect((await relayed(there(), key.key)).status).toBe(200);
  await before();
  expect((await admin.delete(`/keys/${key.id}`)).status).toBe(200);
  const done = performance.now();
  await until("the other node refuses it", async () => (await relayed(there(), key.key)).status === 401, withinMs, 2);
  return performance.now() - done;
}

test.runIf(isAllowed)("a revoked key is refused on the other node within a second", async () => {
  const times: number[] = [];
  for (let n = 0; n < 50; n++) times.push(await timeToRefusal(3_000));
  console.log(`in namespaces: refused on the other node after ${median(times).toFixed(0)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst)`);
  expect(Math.max(...times)).toBeLessThan(1_000);
}, 60_000);

test.runIf(isAllowed)("the cable of Redis is pulled: a revoked key is refused within ten seconds, calls go on", async () => {
  const time = await timeToRefusal(15_000, () => places.redis.pull());
  console.log(`in namespaces, the cable of Redis pulled: refused on the other node after ${(time / 1_000).toFixed(1)} s`);
  await places.redis.plug();
  expect(time).toBeLessThan(10_000);
  await until("the news comes again", async () => (await timeToRefusal(15_000)) < 1_000, 30_000);
}, 90_000);

test.runIf(isAllowed)("the cable of MariaDB is pulled: known keys go on, the rest is 503, and all is stored when it is back", async () => {
  const key = await admin.key();
  expect((await relayed(there(), key.key)).status).toBe(200);
  await places.mariadb.pull();
  const times: number[] = [];
  const began = performance.now();
  while (performance.now() - began < 12_000) {
    const got = await relayed(there(), key.key);
    expect(got.status, got.text).toBe(200);
    times.push(got.ms);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const refused = await clientCalls(there(), admin.bearer).profile();
  expect(refused.status, refused.text).toBe(503);
  await places.mariadb.plug();
  const plugged = performance.now();
  await until("ready", async () => (await there().get("/ready")).status === 200, 60_000);
  await admin.at(there()).usage(key.id, 1 + times.length, "", 60_000);
  console.log(
    `in namespaces, the cable of MariaDB pulled for 12 s: ${times.length} calls, ${median(times).toFixed(1)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst); ` +
      `503 after ${refused.ms.toFixed(0)} ms; all stored ${((performance.now() - plugged) / 1_000).toFixed(1)} s after it was plugged in`,
  );
}, 120_000);

test.runIf(isAllowed)("the cable of a node is pulled: the other goes on, and the one that comes back is one of them", async () => {
  const { place } = cluster.node(1);
  await place!.pull();
  const key = await admin.key();
  expect((await relayed(cluster.node(0).relay, key.key)).status).toBe(200);
  await place!.plug();
  await until("it answers", async () => (await there().get("/ready")).status === 200, 30_000);
  expect((await relayed(there(), key.key)).status).toBe(200);
  await until("the news comes again", async () => (await timeToRefusal(15_000)) < 1_000, 30_000);
}, 90_000);
