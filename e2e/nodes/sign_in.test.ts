// Signing in is one service: a session that ends on one node has ended on all, a nonce works at any node but once,
// what is counted is counted over all.
import { constants, publicEncrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Kind, kinds, useNodes } from "../support/use_nodes";
import { Person } from "../support/people";
import { median, until } from "../support/until";

const auth = "/api/client/auth";

const everyKind = Object.keys(kinds) as Kind[];
// Nodes that share a database alone count and keep nonces each for itself: docs/outages.md.
const withRedis = everyKind.filter((kind) => (kinds[kind] as readonly string[]).includes("redis"));

describe.each(everyKind)("nodes on %s", (kind) => {
  const up = useNodes(kind);
  const relays = () => up.cluster.nodes.map((node) => node.relay);

  test("a session that was ended here is refused there within a second", async () => {
    const times: number[] = [];
    for (let n = 0; n < 20; n++) {
      const [here, there] = relays();
      const person = await Person.register(here!);
      expect((await person.at(there!).get("/users/profile")).status).toBe(200);
      expect((await person.post("/auth/logout")).status).toBe(200);
      const done = performance.now();
      await until("refused", async () => (await person.at(there!).get("/users/profile")).status === 401, 3_000, 2);
      times.push(performance.now() - done);
      expect((await there!.post(`${auth}/refresh`, { refreshToken: person.refreshToken })).status).toBe(401);
    }
    console.log(`${kind}: a session ended, 20 tries: refused on the other node after ${median(times).toFixed(0)} ms (median), ${Math.max(...times).toFixed(0)} ms (worst)`);
    expect(Math.max(...times)).toBeLessThan(1_000);
  });

  test("a refresh token works once, whichever node is asked", async () => {
    const [here, there] = relays();
    const person = await Person.register(here!);
    const rotated = await there!.post(`${auth}/refresh`, { refreshToken: person.refreshToken });
    expect(rotated.status, rotated.text).toBe(200);
    const again = await here!.post(`${auth}/refresh`, { refreshToken: rotated.body.data.refreshToken });
    expect(again.status, again.text).toBe(200);
    expect((await there!.post(`${auth}/refresh`, { refreshToken: person.refreshToken })).status).toBe(401); // its family ends
  });

  test.runIf(withRedis.includes(kind))("a nonce of one node is good at another, and once", async () => {
    const [here, there] = relays();
    const person = await Person.register(here!);
    for (let n = 0; n < 10; n++) {
      const { publicKey, nonce } = (await here!.get(`${auth}/public-key`)).body;
      const encryptedPassword = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(person.password)).toString("base64");
      const login = { email: person.email, encryptedPassword, nonce };
      const answers = await Promise.all([there, here, there, here].map((relay) => relay!.post(`${auth}/login`, login)));
      expect(answers.map((answer) => answer.status).filter((status) => status === 200)).toHaveLength(1);
      expect((await there!.post(`${auth}/login`, login)).status).not.toBe(200);
    }
  });

  test("a password changed here ends the sessions there", async () => {
    const [here, there] = relays();
    const person = await Person.register(here!);
    const other = Person.signedIn(there!, await there!.post(`${auth}/login`, { email: person.email, password: person.password }));
    const password = `${person.password} anew`;
    here!.keepSecret(password);
    there!.keepSecret(password);
    const changed = await person.post("/auth/change-password", { currentPassword: person.password, newPassword: password });
    expect(changed.status, changed.text).toBe(200);
    await until("the other session is refused", async () => (await other.get("/users/profile")).status === 401, 1_000, 5);
    expect((await there!.post(`${auth}/login`, { email: person.email, password })).status).toBe(200);
  });
});

describe.each(withRedis)("wrong logins at nodes on %s", (kind) => {
  const limit = 12;
  const up = useNodes(kind, () => ({ env: { AUTH_LIMIT_PER_ADDRESS: String(limit) } }));

  test("are counted over both nodes", async () => {
    const person = await Person.register(up.cluster.node(0).relay);
    const statuses: number[] = [];
    for (let n = 0; n < 3 * limit; n++) {
      const { relay } = up.cluster.node(n % 2);
      statuses.push((await relay.post(`${auth}/login`, { email: person.email, password: `wrong ${n}` })).status);
    }
    const looked = statuses.filter((status) => status === 401).length;
    console.log(`${kind}: ${3 * limit} wrong logins over two nodes with a limit of ${limit}: ${looked} looked at`);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(looked).toBeLessThanOrEqual(limit);
  });
});
