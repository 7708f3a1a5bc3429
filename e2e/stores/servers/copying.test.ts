// copy, from SQLite to the store of the run.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Installation } from "../../support/commands";
import { emptyStore, storeOfRun } from "../../support/store";

let here: Installation;
beforeEach(async () => {
  here = await Installation.make();
});
afterEach(() => here.remove());

const useStore = async (type: string, action: () => Promise<void>) => {
  const before = here.env.DATABASE_TYPE;
  here.env.DATABASE_TYPE = type;
  await action();
  if (before === undefined) delete here.env.DATABASE_TYPE;
  else here.env.DATABASE_TYPE = before;
};

test("everything comes, once, and only into an empty store", async () => {
  const copy = () => here.run("copy", "--from", "sqlite", "--to", storeOfRun());
  await useStore("sqlite", async () => {
    expect((await here.run("migrate")).code).toBe(0);
    expect((await here.run("seed")).code).toBe(0);
  });
  const first = await copy();
  expect(first.code, first.text).toBe(0);
  expect(first.text).toContain("The same in both");
  const again = await copy();
  expect(again.code).toBe(1);
  expect(again.text).toContain("has people or usage in it: nothing was changed");
  const leftOver = ["", ".lock", ".new"].map((end) => join(here.env.DATA_DIR!, `copy-sqlite-to-${storeOfRun()}${end}`));
  expect(leftOver.filter((file) => existsSync(file))).toEqual([]);
  Object.assign(here.env, await emptyStore());
  const elsewhere = await copy();
  expect(elsewhere.code, elsewhere.text).toBe(0);
});
