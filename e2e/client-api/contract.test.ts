// Every operation of the OpenAPI document is called, with every status that the document has for it, and every answer
// is one that the document describes: no other status, no other error code, no field more and none less.
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, describe, expect, test } from "vitest";
import { type Call, derivedCalls, fixtures, type MakeCall } from "../support/calls";
import { type Operation, placeOf } from "../support/contract";
import type { Answer } from "../support/relay";
import { nobodys, World } from "../support/world";

const world = await World.start();
const { contract } = world;
afterAll(() => world.stop());

// The path with its parameters and its query.
const targetOf = (path: string, call: Call) => path.replace(/\{(\w+)\}/g, (_, name) => call.path?.[name] ?? nobodys("nobody")) + (call.query ? `?${call.query}` : "");

async function make(operation: Operation, call: Call, path = operation.path): Promise<Answer> {
  const caller = contract.callerOf(operation);
  let headers: Record<string, string> = {};
  if (caller === "person" && call.headers?.authorization === undefined) headers = (call.as ?? (await world.person())).bearer;
  if (caller === "admin" && call.headers?.authorization === undefined) headers = (call.as ?? world.admin).bearer;
  if (caller === "key" && call.key) headers = { "x-api-key": call.key };
  return world.relay.request(operation.method, targetOf(path, call), call.body, { ...headers, ...call.headers });
}

test("the document is a valid OpenAPI 3.1 document", async () => {
  const outcome = await new Validator().validate(structuredClone(contract.document));
  expect(outcome).toMatchObject({ valid: true });
  expect(contract.document.openapi).toBe("3.1.0");
});

test("examples are what they are examples of", () => {
  const wrong: string[] = [];
  for (const operation of contract.operations) {
    const example = operation.requestBody?.content["application/json"]?.example;
    if (example !== undefined && !contract.accepts(`${placeOf(operation)}/requestBody/content/application~1json/schema`, example)) wrong.push(`${operation.operationId}: ${JSON.stringify(example)}`);
  }
  expect(wrong).toEqual([]);
  expect(JSON.stringify(contract.document)).not.toMatch(/cr_[0-9A-Za-z]{20}|eyJ[0-9A-Za-z_-]{20}/);
});

test("fixtures are of operations that exist", () => {
  const known = contract.operations.map((operation) => operation.operationId);
  expect(Object.keys(fixtures).filter((id) => !known.includes(id))).toEqual([]);
});

describe.concurrent.each(contract.operations.map((operation) => [operation.operationId, operation] as const))("%s", (id, operation) => {
  test("answers as the document says", async () => {
    const fixture = fixtures[id];
    if (!fixture) throw new Error(`support/calls.ts has no fixture for ${id} (${operation.method} ${operation.path}): say there how it answers with ${Object.keys(operation.responses)}`);
    const { never = {}, ...own } = fixture;
    const derived = derivedCalls(operation, contract.callerOf(operation));
    const problems: string[] = [];
    const missing: string[] = [];
    for (const status of Object.keys(operation.responses).map(Number).filter((each) => each < 500)) {
      const calls: MakeCall[] = [...[own[status] ?? []].flat(), ...(derived[status] ?? [])];
      if (calls.length === 0 && never[status] === undefined && status !== 429 && !(status === 403 && operation.responses[403].$ref?.endsWith("/Forbidden"))) missing.push(String(status));
      for (const [number, prepare] of calls.entries()) {
        const answer = await make(operation, await prepare(world));
        const wrong = contract.problemsOf(operation, answer);
        if (answer.status !== status) wrong.unshift(`status ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`);
        problems.push(...wrong.map((words) => `call ${number} for ${status}: ${words}`));
      }
    }
    expect(problems).toEqual([]);
    expect(missing, `statuses of ${id} without a call: add one to support/calls.ts, or say under "never" why none can be made`).toEqual([]);
  });
});

test("aliases of relayed paths answer as the first one", async () => {
  const problems: string[] = [];
  for (const operation of contract.operations) {
    const [good] = [fixtures[operation.operationId]?.[200] ?? []].flat();
    for (const alias of operation["x-aliases"] ?? []) {
      if (good === undefined) continue;
      const answer = await make(operation, await good(world), alias);
      if (answer.status !== 200) problems.push(`${operation.method} ${alias}: ${answer.status}`);
    }
  }
  expect(problems).toEqual([]);
});

test("limits of tries answer as the document says", async () => {
  const strict = await World.start({ AUTH_LIMIT_PER_ADDRESS: "2" });
  try {
    const problems: string[] = [];
    for (const operation of contract.operations.filter((each) => each.responses["429"] && contract.callerOf(each) !== "key")) {
      const { operationId, method, path } = operation;
      const call = limitedCalls[operationId] ?? (() => ({}));
      const headers = contract.callerOf(operation) === "anyone" ? {} : strict.admin.bearer;
      let answer: Answer | undefined;
      for (let round = 0; round < 30 && answer?.status !== 429; ++round) answer = await strict.relay.request(method, targetOf(path, call(round)), call(round).body, headers);
      if (answer!.status !== 429) problems.push(`${operationId}: no limit after 30 tries: ${answer!.text.slice(0, 200)}`);
      problems.push(...contract.problemsOf(operation, answer!).map((words) => `${operationId}: ${words}`));
    }
    expect(problems).toEqual([]);
  } finally {
    await strict.stop();
  }
});

// What gets as far as the limit.
const limitedCalls: Record<string, (round: number) => Call> = {
  register: () => ({ body: { email: "x@example.com", username: "nobody", password: "not a common one" } }),
  login: () => ({ body: { email: "x@example.com", password: "not a common one" } }),
  refresh: () => ({ body: { refreshToken: `crt_${"A".repeat(43)}` } }),
  verifyKey: () => ({ body: { apiKey: "cr_nonsense" } }),
  verifyEmail: () => ({ body: { token: "nonsense" } }),
  resendVerification: () => ({ body: { email: "x@example.com" } }),
  restoreEmail: () => ({ body: { token: "nonsense" } }),
  forgotPassword: () => ({ body: { email: "x@example.com" } }),
  resetPassword: () => ({ body: { token: "nonsense", password: "not a common one" } }),
  changePassword: () => ({ body: { currentPassword: "not the password", newPassword: "not a common one" } }),
  confirmTwoFactor: () => ({ body: { code: "123456" } }),
  disableTwoFactor: () => ({ body: { code: "123456" } }),
  renewRecoveryCodes: () => ({ body: { password: "not the password" } }),
  verifyTwoFactor: () => ({ body: { ticket: "nonsense", code: "123456" } }),
  startOAuth: () => ({ path: { provider: "oidc" } }),
  finishOAuth: () => ({ path: { provider: "oidc" }, query: "state=nonsense" }),
  exchangeOAuthCode: () => ({ body: { code: "nonsense" } }),
  deleteAccount: () => ({ body: { password: "not the password" } }),
  updateProfile: (round) => ({ body: { email: `x${round}@example.com` } }),
};
