// The malformed-input run: every operation of the document with everything that a caller can get wrong. Never a fault of
// the relay, never a hang; a refusal is one that the document states, and names the field.
import { afterAll, expect, test } from "vitest";
import { type Call, fixtures } from "../support/calls";
import type { Operation } from "../support/contract";
import { type Attempt, attempts } from "../support/malformed";
import type { Answer } from "../support/relay";
import { nobodys, World } from "../support/world";

const parallel = 24;
const patienceMs = 5_000;

const world = await World.start();
const { contract } = world;
afterAll(() => world.stop());

// A good call of the operation, and the headers that it is sent with.
async function prepare(operation: Operation) {
  const own = fixtures[operation.operationId] ?? {};
  const [make] = [own[200] ?? own[201] ?? own[202] ?? own[204] ?? own[302] ?? []].flat();
  const call: Call = make ? await make(world) : {};
  const caller = contract.callerOf(operation);
  const headers: Record<string, string> = {};
  if (caller === "person") Object.assign(headers, (call.as ?? (await world.person())).bearer);
  if (caller === "admin") Object.assign(headers, world.admin.bearer);
  if (caller === "key") headers["x-api-key"] = call.key ?? (await world.keyOwner()).secret;
  return { call, headers };
}

async function send(operation: Operation, { call, headers }: Awaited<ReturnType<typeof prepare>>, attempt: Attempt): Promise<Answer> {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => attempt.path?.[name] ?? call.path?.[name] ?? nobodys("nobody"));
  const query = attempt.query ?? call.query;
  const hasBody = operation.method !== "GET" && (attempt.body ?? call.body) !== undefined;
  const answer = await fetch(`${world.relay.url}${path}${query ? `?${query}` : ""}`, {
    method: operation.method,
    redirect: "manual",
    headers: { ...(hasBody ? { "content-type": "application/json" } : {}), ...headers, ...call.headers, ...attempt.headers },
    body: hasBody ? (attempt.body ?? JSON.stringify(call.body)) : undefined,
    signal: AbortSignal.timeout(patienceMs),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const text = bytes.toString("utf8");
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (!bytes.equals(Buffer.from(text, "utf8"))) body = undefined; // not UTF-8
  return { status: answer.status, headers: answer.headers, text, body };
}

function problemOf(operation: Operation, attempt: Attempt, answer: Answer): string | undefined {
  if (answer.status >= 500) return `${answer.status}: ${answer.text}`;
  if ([414, 431].includes(answer.status)) return undefined; // refused before anybody knew which operation it is
  const wrong = contract.problemsOf(operation, answer);
  if (wrong.length > 0) return wrong.join("; ");
  if (attempt.names === undefined || contract.callerOf(operation) === "key") return undefined;
  const name = attempt.names;
  const named = (answer.body?.details ?? []).some(({ field }: { field: string }) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`));
  return answer.status === 400 && named ? undefined : `${answer.status} does not name ${name}: ${answer.text.slice(0, 300)}`;
}

async function tryAll(operation: Operation): Promise<{ made: number; problems: string[] }> {
  let prepared = await prepare(operation);
  const problems: string[] = [];
  const all = attempts(contract, operation, prepared.call.body);
  for (const attempt of all) {
    let problem: string | undefined;
    for (const round of [1, 2]) {
      // Once more with a new session and a new thing: what was asked before may have ended them.
      if (round === 2) prepared = await prepare(operation);
      try {
        problem = problemOf(operation, attempt, await send(operation, prepared, attempt));
      } catch (error) {
        problem = String(error);
      }
      if (problem === undefined) break;
    }
    if (problem !== undefined) problems.push(`${operation.operationId}, ${attempt.what}: ${problem}`);
  }
  return { made: all.length, problems };
}

test("no operation is upset by malformed input", { timeout: 120_000 }, async () => {
  const left = [...contract.operations];
  const problems: string[] = [];
  let made = 0;
  const worker = async () => {
    for (let operation = left.shift(); operation; operation = left.shift()) {
      const outcome = await tryAll(operation);
      made += outcome.made;
      problems.push(...outcome.problems);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  console.log(`${made} malformed requests to ${contract.operations.length} operations`);
  expect(problems).toEqual([]);
  expect((await world.relay.get("/health")).status).toBe(200);
});
