// Price files that are fetched: only the file that was meant, from where it was meant, and not for ever.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Installation } from "../support/commands";
import { answer, type ProviderRequest } from "../support/provider";
import { useProvider } from "../support/use";

const site = useProvider();
let here: Installation;
beforeAll(async () => {
  here = await Installation.make();
  expect((await here.run("migrate")).code).toBe(0);
});
afterAll(() => here.remove());

const entry = { litellm_provider: "anthropic", mode: "chat", input_cost_per_token: 4e-6, output_cost_per_token: 2e-5, cache_creation_input_token_cost: 5e-6, cache_creation_input_token_cost_above_1hr: 8e-6, cache_read_input_token_cost: 4e-7 };
const file = JSON.stringify({ "claude-fetched-1": entry });
const digest = createHash("sha256").update(file).digest("hex");
beforeEach(() => {
  here.env.ALLOW_PRIVATE_UPSTREAMS = "true";
  site.reply = (request: ProviderRequest) => {
    const path = request.line.split(" ")[1];
    if (path === "/prices.json") return answer(request, 200, { "content-type": "application/json" }, file);
    if (path === "/moved.json") return answer(request, 302, { location: `${site.url}/prices.json` }, "");
    if (path === "/large.json") return answer(request, 200, {}, " ".repeat(16 * 1024 * 1024 + 1));
    if (path === "/slow.json") return undefined;
    return answer(request, 404, {}, "");
  };
});

const fetched = (path: string, ...args: string[]) => here.run("prices", "import", site.url + path, ...args);
const isThere = async () => (await here.run("prices", "list", "--model", "claude-fetched-1")).text.includes("claude-fetched-1");

test("only the file that was meant is taken", async () => {
  const other = await fetched("/prices.json", "--sha256", "0".repeat(64));
  expect(other.code, other.text).toBe(1);
  expect(other.text).toContain("the file is not the one that was meant");
  expect(await isThere()).toBe(false);
  const taken = await fetched("/prices.json", "--sha256", digest);
  expect(taken.code, taken.text).toBe(0);
  expect(taken.text).toContain(digest);
  expect(taken.text).toContain("2 lines stored");
  expect(await isThere()).toBe(true);
});

test.each([
  ["/moved.json", "the answer was 302"],
  ["/none.json", "the answer was 404"],
  ["/large.json", "the answer is too large"],
])("%s is not taken", async (path, words) => {
  const refused = await fetched(path);
  expect(refused.code, refused.text).toBe(1);
  expect(refused.text).toContain(words);
  expect(site.requests.map((request) => request.line.split(" ")[1])).toEqual([path]);
});

test("a site that does not answer is not waited for longer than was said", async () => {
  const began = performance.now();
  const late = await fetched("/slow.json", "--timeout", "1");
  expect(late.code, late.text).toBe(1);
  expect(late.text).toContain("Timeout was reached");
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("private addresses and plain HTTP need ALLOW_PRIVATE_UPSTREAMS", async () => {
  delete here.env.ALLOW_PRIVATE_UPSTREAMS;
  expect((await fetched("/prices.json")).code).toBe(1);
  const guarded = await here.run("prices", "import", `${site.url.replace("http:", "https:")}/prices.json`);
  expect(guarded.code, guarded.text).toBe(1);
  expect(guarded.text).toContain("the address is not public: see ALLOW_PRIVATE_UPSTREAMS");
  expect(site.requests).toEqual([]);
});
