// Few file descriptors and many clients: the relay keeps what it needs for itself, and serves again when clients go.
import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { answer, Provider } from "../support/provider";
import { message, messagesRequest } from "../support/answers";
import { records } from "../support/ledger";
import { Person } from "../support/people";
import { Relay } from "../support/relay";
import { until } from "../support/until";
import { Wire } from "../support/wire";

const ticks = async (pid: number) => {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
};

test("more clients than descriptors: those that fit stay, store and journal go on, and nothing spins", async () => {
  const provider = await new Provider().listen();
  onTestFinished(() => provider.stop());
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_scarce")));
  const relay = await Relay.start({ upstream: provider.url, inside: ["sh", "-c", 'ulimit -n 128; exec "$@"', "sh"], env: { RELAY_THREADS: "1" } });
  const crowd = await Promise.all(Array.from({ length: 100 }, () => Wire.open(relay.port)));
  await until("some are turned away", () => crowd.some((wire) => wire.endedAt !== undefined));
  const pid = relay.process.child.pid!;
  const before = await ticks(pid);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await ticks(pid)) - before).toBeLessThan(50); // of 100 a second
  const open = crowd.filter((wire) => wire.endedAt === undefined);
  expect(open.length).toBeGreaterThanOrEqual(16);
  // Who is in is served: with a connection to the provider, and with a row in the store.
  const [first] = open;
  const body = JSON.stringify(messagesRequest());
  first!.send(`POST /v1/messages HTTP/1.1\r\nHost: a\r\nx-api-key: ${relay.admin.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  expect(await first!.until(/msg_scarce/)).toContain("200 OK");
  for (const wire of crowd) wire.close();
  const again = await until("others are let in", async () => (await relay.messages(messagesRequest())).status === 200);
  expect(again).toBe(true);
  const admin = await Person.admin(relay);
  await until("both rows are stored", async () => (await records(admin)).length === 2);
  await relay.stop();
}, 60_000);
