// examples/typescript-client: made from the document that is served, sound, and of use.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { createRelayClient, must, RelayError } from "../../examples/typescript-client/src/client";
import { example } from "../../examples/typescript-client/src/example";
import { clientTypes, clientTypesFile } from "../support/client_types";
import { Person } from "../support/people";
import { run } from "../support/process";
import { useRelay } from "../support/use";

const up = useRelay(() => ({ env: { BCRYPT_COST: "4", RELAY_ENV: "test" } }));

test("its types are those of the document: else run ./dev client", async () => {
  const { body } = await up.relay.get("/openapi.json");
  expect(await readFile(clientTypesFile, "utf8")).toBe(await clientTypes(body));
});

test("it type-checks", async () => {
  const child = run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "--project", resolve("tsconfig.client.json")], { PATH: process.env.PATH });
  expect(await child.exit(), child.stdout).toBe(0);
});

test("its example works with a running relay", async () => {
  const { email, password } = await Person.register(up.relay);
  const { keys, secret, requests } = await example(up.relay.url, email, password);
  up.relay.keepSecret(secret);
  expect(keys.map((key) => key.name)).toEqual(["laptop"]);
  expect(secret).toMatch(/^cr_/);
  expect(requests).toBe(0);
});

test("it refreshes an access token that has run out, once for all who wait", async () => {
  const person = await Person.register(up.relay);
  // The relay's clock can't be moved from here, so the answer to an old token is made: to every one before a refresh.
  let refused = 0;
  let refreshes = 0;
  const relay = createRelayClient(up.relay.url, {
    tokens: { token: person.token, refreshToken: person.refreshToken },
    fetch: async (request) => {
      if (request.url.endsWith("/auth/refresh")) ++refreshes;
      if (refreshes > 0) return fetch(request);
      ++refused;
      return new Response(JSON.stringify({ success: false, error: "TokenExpired" }), { status: 401 });
    },
  });
  const profiles = await Promise.all([1, 2, 3].map(() => must(relay.GET("/api/client/users/profile"))));
  expect(profiles.map((profile) => profile.data.user.email)).toEqual([person.email, person.email, person.email]);
  expect({ refused, refreshes }).toEqual({ refused: 3, refreshes: 1 });
  expect(relay.tokens?.refreshToken).not.toBe(person.refreshToken);
  up.relay.keepSecret(relay.tokens?.token, relay.tokens?.refreshToken);
});

test("what is refused is an error with the fields that are wrong", async () => {
  const relay = createRelayClient(up.relay.url);
  const refused = must(relay.POST("/api/client/auth/login", { body: { email: "a@example.com" } }));
  await expect(refused).rejects.toBeInstanceOf(RelayError);
  await expect(refused).rejects.toMatchObject({ status: 400, answer: { code: "fields_required", details: [{ field: "password" }] } });
});
