// Several that migrate at one time, and one that dies while it does.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Installation } from "../support/commands";

const made: Installation[] = [];
let here: Installation;
const another = async () => {
  const one = await Installation.make();
  made.push(one);
  return one;
};
beforeEach(async () => {
  here = await another();
});
afterEach(async () => {
  for (const one of made.splice(0)) await one.remove();
});

const applied = (text: string) => [...text.matchAll(/^applied (\d+)$/gm)].map(([, number]) => Number(number));

test("of four that migrate at one time each migration is applied by one", async () => {
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => here.run("migrate")));
  for (const { code, text } of outcomes) expect(code, text).toBe(0);
  const all = outcomes.flatMap(({ text }) => applied(text));
  expect(new Set(all).size).toBe(all.length);
  expect([...all].sort((a, b) => a - b)).toEqual([...(await here.migrations()).keys()]);
});

test("a migrate that is killed at any moment is finished by the next one", async () => {
  const began = performance.now();
  expect((await here.run("migrate")).code).toBe(0);
  const whole = performance.now() - began;
  const tries = 12;
  let interrupted = 0;
  let slowest = 0;
  for (let n = 0; n < tries; n++) {
    const place = await another();
    const killed = place.begin("migrate");
    await new Promise((resolve) => setTimeout(resolve, (whole * (n + 0.5)) / tries));
    await killed.stop("SIGKILL");
    const { text } = await place.run("status");
    if (!/applied/.test(text) || /pending/.test(text)) interrupted++;
    const resumed = performance.now();
    const again = await place.run("migrate");
    slowest = Math.max(slowest, performance.now() - resumed);
    expect(again.code, `killed after ${((whole * (n + 0.5)) / tries).toFixed(0)} ms: ${again.text}`).toBe(0);
    expect((await place.run("status")).code).toBe(0);
    const seeded = await place.run("seed");
    expect(seeded.code, seeded.text).toBe(0);
  }
  console.log(`migrate killed ${tries} times within its ${whole.toFixed(0)} ms, ${interrupted} times before its end; the next one took ${slowest.toFixed(0)} ms at most`);
  expect(interrupted).toBeGreaterThan(0);
}, 240_000);
