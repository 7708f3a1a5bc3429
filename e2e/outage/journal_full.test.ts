// The disk of the journal is full: no call is taken whose usage could not be kept, and none is lost that was taken.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { message } from "../support/answers";
import { relayed } from "../support/calls_to_node";
import { Link } from "../support/link";
import { Person } from "../support/people";
import { answer } from "../support/provider";
import { Relay } from "../support/relay";
import { MariadbServer } from "../support/servers";
import { newDatabase } from "../support/store";
import { useProvider } from "../support/use";
import { until } from "../support/until";

const provider = useProvider();
let folder = "";
let mounted = false;
let mariadb: MariadbServer;
let link: Link;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-full-"));
  await mkdir(join(folder, "data"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", join(folder, "data")], { stdio: "pipe" });
    mounted = true;
  } catch (error) {
    console.log(`a disk of a few MB takes root and the right to mount, which this run has not: ${String(error).split("\n")[0]}`);
  }
  mariadb = await MariadbServer.start();
  link = await Link.to(mariadb);
}, 60_000);
afterAll(async () => {
  await link.stop();
  await mariadb.stop();
  if (mounted) execFileSync("umount", ["-l", join(folder, "data")]);
  await rm(folder, { recursive: true, force: true });
});

test("calls are refused with 503 before one is lost; when there is room again all goes on", async (context) => {
  if (!mounted) context.skip();
  let answers = 0;
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message(`msg_${++answers}`)));
  const relay = await Relay.start({ upstream: provider.url, folder, env: { ...mariadb.env(newDatabase(), link), RELAY_ENV: "test", BCRYPT_COST: "4", LOG_LEVEL: "info" } });
  const admin = await Person.admin(relay);
  const key = await admin.key();
  expect((await relayed(relay, key.key)).status).toBe(200);
  link.cut(); // so that the journal keeps what comes
  // The disk is full but for a little.
  const data = join(folder, "data");
  const { bavail, bsize } = await statfs(data);
  await writeFile(join(data, "ballast"), Buffer.alloc(bavail * bsize - (64 << 10)));
  let passed = 1;
  const refused = await until("a call is refused", async () => {
    const got = await relayed(relay, key.key);
    if (got.status === 200) passed++;
    return got.status === 200 ? undefined : got;
  }, 60_000, 0);
  expect(refused.status, refused.text).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await relay.get("/ready")).status).toBe(503);

  await rm(join(folder, "data", "ballast"));
  link.heal();
  await until("calls are taken again", async () => {
    const got = await relayed(relay, key.key);
    if (got.status === 200) passed++;
    return got.status === 200;
  }, 60_000, 200);
  await until("ready", async () => (await relay.get("/ready")).status === 200, 15_000);
  const { totals } = await admin.usage(key.id, passed, "", 30_000);
  console.log(`disk full: ${passed} calls passed, ${totals.requests} are stored`);
  await relay.stop();
}, 180_000);
