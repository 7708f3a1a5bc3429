// migrate, status, rollback and seed, on the store of the run.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Installation } from "../support/commands";
import { messagesRequest } from "../support/answers";
import { useSimulate } from "../support/use";

const upstream = useSimulate();
let here: Installation;
beforeEach(async () => {
  here = await Installation.make();
});
afterEach(() => here.remove());

const numbers = (text: string) => [...text.matchAll(/^(?:applied|took back) (\d+)$/gm)].map(([, number]) => Number(number));
const states = async () => [...(await here.migrations()).values()].map((state) => state.split("  ")[0]);

test("migrate brings an empty store up to date, once", async () => {
  expect((await here.run("status")).code).toBe(1);
  const first = await here.run("migrate");
  expect(first.code, first.text).toBe(0);
  const applied = numbers(first.text);
  expect(applied.length).toBeGreaterThan(0);
  expect(applied).toEqual([...applied].sort((a, b) => a - b));
  const again = await here.run("migrate");
  expect(again.code, again.text).toBe(0);
  expect(again.text).toContain("nothing to do");
  const status = await here.run("status");
  expect(status.code, status.text).toBe(0);
  expect(new Set(await states())).toEqual(new Set(["applied"]));
});

test("status says what is there and what is not", async () => {
  await here.run("migrate", "--to", "1");
  const status = await here.run("status");
  expect(status.code, status.text).toBe(1);
  const all = await states();
  expect(all[0]).toBe("applied");
  expect(all.slice(1).every((state) => state === "pending")).toBe(true);
});

test("migrate and rollback go to a version and no further, there and back again", async () => {
  const { text } = await here.run("migrate");
  const last = Math.max(...numbers(text));
  const back = await here.run("rollback", "--to", "0");
  expect(back.code, back.text).toBe(0);
  expect(numbers(back.text)).toEqual([...numbers(text)].reverse());
  expect(new Set(await states())).toEqual(new Set(["pending"]));
  for (let to = 1; to <= last; to++) {
    const step = await here.run("migrate", "--to", String(to));
    expect(step.code, step.text).toBe(0);
    expect(numbers(step.text)).toEqual([to]);
  }
  for (let from = last; from >= 1; from--) {
    const step = await here.run("rollback");
    expect(step.code, step.text).toBe(0);
    expect(numbers(step.text)).toEqual([from]);
    expect((await here.migrations()).get(from)).toMatch(/^pending/);
  }
  expect((await here.run("rollback")).text).toContain("nothing to do");
  expect((await here.run("migrate")).code).toBe(0);
}, 60_000);

test("a version that there is not is refused in words", async () => {
  const { text } = await here.run("migrate");
  const last = Math.max(...numbers(text));
  const above = await here.run("migrate", "--to", "99");
  expect(above.code).toBe(1);
  expect(above.text).toContain(`there is no version 99: the newest is ${last}`);
  const below = await here.run("migrate", "--to", "2");
  expect(below.code, below.text).toBe(0);
  expect(below.text).toContain(`nothing to do: the store is at ${last} already; \`claude-relay rollback --to 2\` goes down`);
  for (const [command, to] of [["migrate", "abc"], ["rollback", "--to=-1"]] as const) {
    const odd = await here.run(command, ...(to.startsWith("--") ? [to] : ["--to", to]));
    expect(odd.code).toBe(2);
    expect(odd.text).toContain("--to");
    expect(odd.text.length, odd.text).toBeLessThan(200);
  }
});

test("a word that is no command is named", async () => {
  const odd = await here.run("frob");
  expect(odd.code).toBe(2);
  expect(odd.text).toContain("there is no command 'frob'");
  expect((await here.run()).text).toContain("subcommand is required");
});

test("seed makes the test user and a key that opens, and may be run again", async () => {
  const seeded = await here.run("seed");
  expect(seeded.code, seeded.text).toBe(0);
  const keyOf = (text: string) => /API key +(\S+)/.exec(text)![1]!;
  const again = await here.run("seed");
  expect(again.code, again.text).toBe(0);
  const relay = await here.serve({ upstream: upstream.simulate.url });
  expect(relay.process.stdout).not.toContain("First start");
  for (const { text } of [seeded, again]) {
    const key = keyOf(text);
    relay.keepSecret(key);
    expect((await relay.post("/v1/messages", messagesRequest(), { "x-api-key": key })).status).toBe(200);
  }
  const login = await relay.post("/api/client/auth/login", { email: "test@example.com", password: "password123" });
  expect(login.status, login.text).toBe(200);
  relay.secrets.delete("password123"); // everybody knows it
  await relay.stop();
});

test("in production seed and rollback refuse, and leave everything", async () => {
  await here.run("migrate");
  here.env.RELAY_ENV = "production";
  here.env.BCRYPT_COST = "10";
  const seeded = await here.run("seed");
  expect(seeded.code).not.toBe(0);
  const back = await here.run("rollback");
  expect(back.code).not.toBe(0);
  expect(back.text).toContain("--yes");
  expect((await here.run("status")).code).toBe(0);
});
