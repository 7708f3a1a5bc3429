// A store of a size that takes years to come by, made in SQL: users, keys, and what they used over sixty days. What is
// not named here is copied from a row that the relay itself has written, so the schema may grow.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { MariadbServer } from "../support/servers";

export interface Size {
  users: number;
  keys: number;
  /** Keys that have used something. The first have used the most. */
  usedKeys: number;
  usage: number;
  audit: number;
  /** Keys whose secret is known. */
  probes: number;
}
export const sizeOf = (percent: number): Size => ({
  users: Math.ceil(200 * percent),
  keys: 10_000 * percent,
  usedKeys: 1_000 * percent,
  usage: 100_000 * percent,
  audit: 10_000 * percent,
  probes: 600,
});

/** Where the rows go: the two databases in the few words in which they differ. */
export interface Database {
  query(sql: string): Promise<string>;
  columns(table: string): Promise<string[]>;
  /** A table with the whole numbers of [from, to) in column n. */
  series(from: number, to: number): string;
  /** Whole-number division. */
  divide(a: string, b: number | string): string;
  /** 64 hexadecimal digits that nobody has for this n. */
  hash(n: string): string;
  before: string;
  after: string;
}

export function sqlite(file: string): Database {
  return {
    async query(sql) {
      const child = spawn("sqlite3", ["-batch", "-bail", "-separator", "\t", file], { stdio: ["pipe", "pipe", "pipe"] });
      let out = "";
      let wrong = "";
      child.stdout.on("data", (text) => (out += text));
      child.stderr.on("data", (text) => (wrong += text));
      child.stdin.on("error", () => undefined).end(sql);
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`sqlite3: ${wrong}`);
      return out.trim();
    },
    async columns(table) {
      return (await this.query(`SELECT name FROM pragma_table_info('${table}');`)).split("\n");
    },
    series: (from, to) => `(WITH RECURSIVE s(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < ${to}) SELECT n FROM s)`,
    divide: (a, b) => `((${a}) / (${b}))`,
    hash: () => "lower(hex(randomblob(32)))",
    before: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF; BEGIN;",
    after: "COMMIT; ANALYZE;",
  };
}

export function mariadb(server: MariadbServer, database: string): Database {
  return {
    query: (sql) => server.query(sql, database),
    async columns(table) {
      return (await this.query(`SELECT column_name FROM information_schema.columns WHERE table_schema = '${database}' AND table_name = '${table}' AND is_generated = 'NEVER' ORDER BY ordinal_position;`)).split("\n");
    },
    series: (from, to) => `(SELECT seq AS n FROM seq_${from}_to_${to - 1})`,
    divide: (a, b) => `((${a}) DIV (${b}))`,
    hash: (n) => `SHA2(CONCAT('size ', ${n}), 256)`,
    before: "SET SESSION sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT'), foreign_key_checks = 0, unique_checks = 0, autocommit = 1;",
    after: "ANALYZE TABLE users, api_keys, audit_logs, usage_keys, usage_logs, usage_daily;",
  };
}

const days = 60;
const dayMs = 86_400_000;
/** 26 letters, as an identifier has them behind its prefix. */
const identifier = (prefix: string, n: string) => `('${prefix}00000000000000000' || substr(1000000000 + (${n}), 2))`;
/** The key's owner: keys are spread evenly. */
const ownerOf = (size: Size, n: string) => identifier("usr_", `(${n}) % ${size.users}`);

export const probeSecret = (n: number) => `cuk_size${String(n).padStart(8, "0")}`;
export const userId = (n: number) => `usr_00000000000000000${String(n).padStart(9, "0")}`;
export const keyId = (n: number) => `key_00000000000000000${String(n).padStart(9, "0")}`;

/** Copies one row of `table` once for each n, with these columns as said. */
async function copies(at: Database, table: string, rows: string, columns: Record<string, string>): Promise<string> {
  const names = await at.columns(table);
  const missing = Object.keys(columns).filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${table} has no ${missing.join(", ")}`);
  const values = names.map((name) => columns[name] ?? `t.${name}`);
  return `INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM ${rows} s, (SELECT * FROM ${table} LIMIT 1) t;`;
}

/** Statements that fill the store; `now` is the newest moment of usage. Say what is done as it is done. */
export async function fill(at: Database, size: Size, now: number, say: (words: string) => void) {
  // A prime step through the rows: neighbours in time are of different keys, and few keys have most of them.
  const spread = 1_000_003;
  const wild = `((s.n * 7919) % ${spread})`;
  const keyNumber = `(1000 + ${at.divide(`${wild} * ${wild} * ${size.usedKeys}`, `${spread} * ${spread}`)})`;
  const startedAt = `(${now - days * dayMs} + ${at.divide(`s.n * ${days * dayMs}`, size.usage)})`;

  const run = async (words: string, ...statements: string[]) => {
    const began = performance.now();
    await at.query([at.before, ...statements, at.after].join("\n"));
    say(`${words} in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  };
  await run(
    `${size.users} users, ${size.keys} keys, ${size.usedKeys} of them used`,
    await copies(at, "users", at.series(0, size.users), {
      id: identifier("usr_", "s.n"),
      email: `'size' || s.n || '@example.com'`,
      username: `'size' || s.n`,
      role: "'user'",
    }),
    await copies(at, "api_keys", at.series(0, size.keys), {
      id: identifier("key_", "s.n"),
      user_id: ownerOf(size, "s.n"),
      name: `'key ' || s.n`,
      key_hash: at.hash("s.n"),
      created_at_ms: `t.created_at_ms - ${size.keys} + s.n`,
    }),
    await copies(at, "usage_keys", at.series(0, size.usedKeys), { id: "1000 + s.n", user_id: ownerOf(size, "s.n"), key_id: identifier("key_", "s.n") }),
  );
  await run("keys to look up", ...(await probes(at, size)));
  await run(
    `${size.audit} acts in the audit trail`,
    // Above what the relay will write while it is measured. Their chain does not hold: nobody verifies it here.
    await copies(at, "audit_logs", at.series(0, size.audit), {
      sequence: "100000 + s.n",
      id: identifier("aud_", "s.n"),
      user_id: ownerOf(size, "s.n * 7"),
      created_at_ms: `t.created_at_ms - ${size.audit} + s.n`,
    }),
  );
  const step = Math.min(size.usage, 1_000_000);
  for (let from = 0; from < size.usage; from += step) {
    const to = Math.min(from + step, size.usage);
    await run(
      `usage up to row ${to}`,
      await copies(at, "usage_logs", at.series(from, to), {
        id: "1000 + s.n",
        attempt_id: identifier("att_", "s.n"),
        request_id: identifier("req_", "s.n"),
        message_id: `'msg_' || s.n`,
        key_number: keyNumber,
        duration_ms: "200 + s.n % 5000",
        input_tokens: "s.n % 3000",
        started_at_ms: startedAt,
      }),
    );
  }
  await run("roll-ups", await rollUps(at));
}

/** Keys whose secrets are known, in the hands of many. */
async function probes(at: Database, size: Size): Promise<string[]> {
  const rows = Array.from({ length: size.probes }, (_, n) => `SELECT ${n} AS n, '${createHash("sha256").update(probeSecret(n)).digest("hex")}' AS h`);
  const statements: string[] = [];
  for (let from = 0; from < rows.length; from += 200) {
    statements.push(
      await copies(at, "api_keys", `(${rows.slice(from, from + 200).join(" UNION ALL ")})`, {
        id: identifier("key_", `900000000 + s.n`),
        user_id: ownerOf(size, "s.n * 31"),
        name: `'probe ' || s.n`,
        key_hash: "s.h",
      }),
    );
  }
  return statements;
}

/** What of a roll-up is no sum of the column of that name. */
const rowSums: Record<string, string> = {
  requests: "COUNT(*)",
  errors: "SUM(outcome <> 1)",
  unpriced_requests: "SUM((flags & 4) <> 0)",
  cached_requests: "SUM((flags & 8) <> 0)",
  charge_nano_usd: "SUM(COALESCE(charge_nano_usd, cost_nano_usd))",
};

async function rollUps(at: Database): Promise<string> {
  const sums = (await at.columns("usage_daily")).filter((name) => !["key_number", "day", "model_word", "dialect"].includes(name));
  const values = sums.map((name) => rowSums[name] ?? `COALESCE(SUM(${name}), 0)`);
  const day = at.divide("started_at_ms", dayMs);
  return (
    `INSERT INTO usage_daily (key_number, day, model_word, dialect, ${sums.join(", ")}) ` +
    `SELECT key_number, ${day}, model_word, dialect, ${values.join(", ")} FROM usage_logs WHERE key_number >= 1000 GROUP BY key_number, ${day}, model_word, dialect;`
  );
}
