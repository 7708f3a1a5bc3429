// What copy says before it touches a store.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Installation } from "../support/commands";

let here: Installation;
beforeEach(async () => {
  here = await Installation.make();
});
afterEach(() => here.remove());

test("a setting that the other store needs is named", async () => {
  for (const name of ["MYSQL_USER", "MYSQL_DATABASE", "REDIS_URL"]) here.env[name] = "";
  here.env.DATABASE_TYPE = "sqlite";
  const mysql = await here.run("copy", "--from", "sqlite", "--to", "mysql");
  expect(mysql.code).toBe(2);
  expect(mysql.text).toContain("MYSQL_USER is missing: --to mysql needs it");
  expect(mysql.text).toContain("MYSQL_DATABASE is missing: --to mysql needs it");
  const redis = await here.run("copy", "--from", "redis", "--to", "sqlite");
  expect(redis.code).toBe(2);
  expect(redis.text).toContain("REDIS_URL is missing: --from redis needs it");
});

test("a source that is not there is not made", async () => {
  here.env.DATA_DIR = join(here.folder, "mistyped");
  here.env.REDIS_URL = "redis://127.0.0.1:1";
  const copied = await here.run("copy", "--from", "sqlite", "--to", "redis");
  expect(copied.code).toBe(2);
  expect(copied.text).toContain(`there is no database at ${join(here.env.DATA_DIR, "relay.sqlite")}`);
  expect(existsSync(here.env.DATA_DIR)).toBe(false);
});
