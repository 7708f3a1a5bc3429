// What the store says was used, asked for over the API: every record of a person's, and the sums.
import { isDeepStrictEqual } from "node:util";
import { usage as usageOfAnswer } from "./answers";
import type { Person } from "./people";

const nano = (decimal: string) => {
  const [whole, fraction = ""] = decimal.split(".") as [string, string?];
  return BigInt(whole + fraction.padEnd(9, "0").slice(0, 9));
};

export interface Sums {
  requests: number;
  input: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
  output: number;
  nanoUsd: bigint;
}
const tokens = ["input", "cacheWrite5m", "cacheWrite1h", "cacheRead", "output"] as const;
const figures = (requests: number, counts: any, cost: string): Sums => ({ requests, nanoUsd: nano(cost), ...(Object.fromEntries(tokens.map((kind) => [kind, counts[kind]])) as any) });
const add = (a: Sums, b: Sums): Sums => ({ ...(Object.fromEntries((["requests", ...tokens] as const).map((kind) => [kind, a[kind] + b[kind]])) as any), nanoUsd: a.nanoUsd + b.nanoUsd });
const nothing: Sums = { requests: 0, input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0, nanoUsd: 0n };

/** Every record of a person's, newest first. They come in pages that end with a moment: what two pages share counts once. */
export async function records(person: Person): Promise<any[]> {
  const found = new Map<string, any>();
  for (let before = ""; ; ) {
    const page = await person.get(`/users/export${before}`);
    if (page.status !== 200) throw new Error(page.text);
    const known = found.size;
    for (const record of page.body.data.usageRecords) found.set(record.attemptId, record);
    if (found.size === known) return [...found.values()];
    const last = page.body.data.usageRecords.at(-1);
    before = `?usageBefore=${encodeURIComponent(new Date(Date.parse(last.startedAt) + 1).toISOString())}`;
  }
}

/** From the roll-ups. */
export async function totals(person: Person): Promise<Sums> {
  const answer = await person.get("/users/usage?days=2");
  if (answer.status !== 200) throw new Error(answer.text);
  const { requests, tokens: counts, cost } = answer.body.data.totals;
  return figures(requests, counts, cost);
}

export interface Verdict {
  rows: number;
  missing: number;
  doubled: number;
  wrong: number;
  rollUpsEqual: boolean;
}
export const isRight = (verdict: Verdict) => verdict.missing + verdict.doubled + verdict.wrong === 0 && verdict.rollUpsEqual;
export const inWords = ({ rows, missing, doubled, wrong, rollUpsEqual }: Verdict) =>
  `rows ${rows}, missing ${missing}, twice ${doubled}, wrong figures ${wrong}, roll-ups ${rollUpsEqual ? "equal" : "DIFFER"}`;

/** `seen`: the ids of the answers whose end a client saw. Asked when nothing runs and all is stored. */
export async function judge(person: Person, seen: Set<string>): Promise<Verdict> {
  const rows = await records(person);
  const times = new Map<string, number>();
  let sums = nothing;
  let wrong = 0;
  for (const row of rows) {
    sums = add(sums, figures(1, row.tokens, row.cost));
    if (row.messageId === "") continue; // nothing of an answer came
    times.set(row.messageId, (times.get(row.messageId) ?? 0) + 1);
    const isWhole = row.tokens.input === usageOfAnswer.input_tokens && row.tokens.output === usageOfAnswer.output_tokens;
    if (seen.has(row.messageId) && !isWhole) wrong++;
  }
  const missing = [...seen].filter((id) => !times.has(id)).length;
  const doubled = [...times.values()].filter((count) => count > 1).length;
  const rollUpsEqual = isDeepStrictEqual(await totals(person), sums);
  return { rows: rows.length, missing, doubled, wrong, rollUpsEqual };
}
