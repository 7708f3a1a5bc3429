// The page at /docs, as a person sees it in a browser.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium } from "../support/chromium";
import { useRelay } from "../support/use";

const up = useRelay();
let browser: Chromium;
beforeAll(async () => {
  browser = await Chromium.start();
});
afterAll(() => browser?.stop());

async function open(size?: { width: number; height: number }) {
  const opened = await browser.page();
  if (size) await opened.page.setViewportSize(size);
  await opened.page.goto(`${up.relay.url}/docs`);
  await opened.page.waitForSelector(".operation");
  return opened;
}

test("shows every operation, with nothing from elsewhere and nothing that its policy forbids", async () => {
  const { page, complaints, requests } = await open();
  const { body } = await up.relay.get("/openapi.json");
  const operations = Object.values<any>(body.paths).flatMap((item) => Object.values<any>(item).map((each) => each.operationId));
  const shown = await page.locator(".operation").evaluateAll((all) => all.map((each) => each.id));
  expect(shown.sort()).toEqual(operations.sort());
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(up.relay.url))).toEqual([]);
  // What is folded is drawn when it is opened.
  await page.locator("#createKey details").evaluateAll((all) => all.forEach((each) => ((each as HTMLDetailsElement).open = true)));
  await page.waitForFunction(() => document.querySelector("#createKey")!.textContent!.includes("The secret itself"));
  expect(await page.locator("#createKey pre").textContent()).toContain("curl -X POST");
  expect(complaints).toEqual([]);
  await page.close();
});

test("the search finds operations by field, error and path", async () => {
  const { page } = await open();
  const found = async (words: string) => {
    await page.fill("#search", words);
    return page.locator(".operation:visible").evaluateAll((all) => all.map((each) => each.id));
  };
  expect(await found("gracePeriodSeconds")).toEqual(["regenerateKey"]);
  expect(await found("email_taken register")).toEqual(["register"]);
  expect(await found("POST /v1/messages")).toContain("createMessage");
  expect(await found("no such words")).toEqual([]);
  expect(await page.isVisible("#nothing")).toBe(true);
  await page.close();
});

test("fits a phone", async () => {
  const { page } = await open({ width: 375, height: 700 });
  const { wide, high } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, high: document.documentElement.clientWidth }));
  expect(wide).toBeLessThanOrEqual(high);
  expect(await page.isVisible("#search")).toBe(true);
  await page.close();
});
