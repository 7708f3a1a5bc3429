// examples/client-encryption in Chromium and in Node: people register and log in, and no password is on the wire.
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { Chromium } from "../support/chromium";
import { run } from "../support/process";
import { Relay } from "../support/relay";
import { StaticFiles } from "../support/static_files";
import { Wiretap } from "../support/wiretap";

const folder = resolve("../examples/client-encryption");
const password = "pässword with a € and \"quotes\"";
let browser: Chromium, files: StaticFiles, relay: Relay, wire: Wiretap;

beforeAll(async () => {
  files = await new StaticFiles(folder).listen();
  relay = await Relay.start({ env: { ALLOWED_ORIGINS: files.url, ALLOW_PLAINTEXT_PASSWORDS: "false", BCRYPT_COST: "4", RELAY_ENV: "test" } });
  relay.keepSecret(password);
  wire = await new Wiretap(relay.port).listen();
  browser = await Chromium.start();
});
afterAll(async () => {
  await browser?.stop();
  await wire?.stop();
  await files?.stop();
  await relay?.stop();
});

async function submit(page: Page, form: string, fields: Record<string, string>): Promise<string> {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${form} [name=${name}]`, value);
  await page.click(`#${form} button`);
  await page.waitForFunction(() => !["", "…"].includes(document.getElementById("outcome")!.textContent!));
  return (await page.textContent("#outcome"))!;
}

test("Chromium registers and logs in with an encrypted password", async () => {
  const { page } = await browser.page();
  await page.goto(`${files.url}/index.html?relay=${encodeURIComponent(wire.url)}`);
  const person = { email: "ada@example.com", username: "ada" };
  expect(await submit(page, "register", { ...person, password, confirmPassword: password })).toBe("Registered as ada@example.com");
  expect(await submit(page, "login", { email: person.email, password })).toBe("Logged in as ada@example.com");
  expect(await submit(page, "login", { email: person.email, password: "something else" })).toBe("Invalid credentials");
  expect(await submit(page, "register", { email: "b@example.com", username: "bob", password, confirmPassword: "another one" })).toBe("Passwords do not match");

  expect(wire.sent).toContain('"encryptedPassword":"');
  expect(wire.sent).toContain("ada@example.com");
  for (const text of [password, "something else", "another one"]) expect(wire.hasSent(text)).toBe(false);
  await page.close();
});

test("the same module works in Node", async () => {
  const { register, login } = await import(/* @vite-ignore */ `${folder}/password_encryption.js`);
  const made = await register(wire.url, { email: "carol@example.com", username: "carol", password, confirmPassword: password });
  relay.keepSecret(made.token, made.refreshToken);
  expect(made.user.email).toBe("carol@example.com");
  const again = await login(wire.url, { email: "carol@example.com", password });
  relay.keepSecret(again.token, again.refreshToken);
  await expect(login(wire.url, { email: "carol@example.com", password: "wrong one" })).rejects.toMatchObject({ name: "Unauthorized", code: "invalid_credentials" });
  expect(wire.hasSent(password)).toBe(false);
});

test("node.js registers and logs in on the command line", async () => {
  const node = async (...args: string[]) => {
    const child = run(process.execPath, [`${folder}/node.js`, wire.url, ...args], { PATH: process.env.PATH, RELAY_PASSWORD: password });
    return { code: await child.exit(), stdout: child.stdout, stderr: child.stderr };
  };
  expect(await node("register", "dave@example.com", "dave")).toMatchObject({ code: 0, stdout: expect.stringContaining("Registered as dave@example.com") });
  expect(await node("login", "dave@example.com")).toMatchObject({ code: 0, stdout: expect.stringContaining("Logged in as dave@example.com") });
  expect(await node("register", "dave@example.com", "dave")).toMatchObject({ code: 1, stderr: "Email already registered (email_taken)\n" });
  expect(wire.hasSent(password)).toBe(false);
});

test.each([password, Buffer.from(password).toString("base64"), Buffer.from(`x${password}`).toString("base64")])("a wiretap would have seen %j", async (sent) => {
  const tap = await new Wiretap(relay.port).listen();
  await fetch(`${tap.url}/api/client/auth/login`, { method: "POST", body: JSON.stringify({ email: "a@example.com", password: sent }) });
  expect(tap.hasSent(password)).toBe(true);
  await tap.stop();
});
