// Nodes that come up together, and one that goes: what the others have of it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Cluster, type Shared } from "../support/nodes";
import { MariadbServer, RedisServer } from "../support/servers";
import { kinds, type Kind } from "../support/use_nodes";
import { useProvider } from "../support/use";
import { answer } from "../support/provider";
import { message, messagesRequest } from "../support/answers";
import { Person } from "../support/people";

const provider = useProvider();
const all: Required<Shared> = {} as never;
let cluster: Cluster;
beforeAll(async () => {
  [all.mariadb, all.redis] = await Promise.all([MariadbServer.start(), RedisServer.start()]);
}, 60_000);
afterEach(async () => {
  await cluster?.stop();
});
afterAll(() => Promise.all([all.mariadb.stop(), all.redis.stop()]));

describe.each(Object.entries(kinds) as [Kind, readonly (keyof Shared)[]][])("nodes on %s", (_kind, names) => {
  const shared = () => Object.fromEntries(names.map((name) => [name, all[name]])) as Shared;

  test("that start together on an empty store migrate it once, make one admin, and all serve", async () => {
    cluster = await Cluster.start(shared(), { nodes: 3, together: true });
    const firsts = cluster.nodes.filter(({ relay }) => relay.process.stdout.includes("First start"));
    expect(firsts).toHaveLength(1);
    const status = await cluster.node(1).relay.command("status");
    expect(status.code, status.text).toBe(0);
    for (const { relay } of cluster.nodes) await Person.admin(relay);
  }, 60_000);

  test("are one service: what one has made and used, the others have", async () => {
    cluster = await Cluster.start(shared(), { upstream: provider.url });
    provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_node")));
    const [one, two] = cluster.nodes;
    const person = await Person.register(one!.relay);
    const key = await person.at(two!.relay).key();
    for (const { relay } of [one!, two!, one!]) expect((await relay.post("/v1/messages", messagesRequest(), { "x-api-key": key.key })).status).toBe(200);
    const { totals } = await person.at(two!.relay).usage(key.id, 3, "", 5_000);
    expect(totals.tokens.input).toBe(3_000);
    expect((await person.get("/keys")).body.data.map((each: any) => each.id)).toEqual([key.id]);
  }, 60_000);

  test("stop one after the other while the rest go on", async () => {
    cluster = await Cluster.start(shared(), { upstream: provider.url });
    const { key } = cluster.node(0).relay.admin;
    const ask = (n: number) => cluster.node(n).relay.post("/v1/messages", messagesRequest(), { "x-api-key": key });
    for (const n of [0, 1]) {
      await cluster.node(n).relay.stop();
      expect((await ask(1 - n)).status).toBe(200);
      await cluster.node(n).start();
      expect((await ask(n)).status).toBe(200);
    }
  }, 60_000);
});
