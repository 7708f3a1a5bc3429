// Accounts that are reached through a proxy: HTTP CONNECT and SOCKS5, with and without a user; proxies that refuse and
// proxies that say nothing. Their passwords are in no answer and no log.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Accounts } from "../support/accounts";
import { message, messagesRequest } from "../support/answers";
import { ForwardProxy, type TunnelAsked } from "../support/forward_proxy";
import { answer } from "../support/provider";
import { useProvider } from "../support/use";

const provider = useProvider();
const name = "provider.invalid"; // RFC 6761 6.4: no resolver has it, only the proxy
const proxy = new ForwardProxy({ [name]: () => provider.port });
let up: Accounts;
beforeAll(async () => {
  await proxy.listen();
  up = await Accounts.start({ env: { LOG_LEVEL: "debug", UPSTREAM_CONNECT_TIMEOUT: "700ms" } });
});
beforeEach(() => {
  proxy.clear();
  proxy.mode = "opens";
  proxy.wants = undefined;
  provider.reply = (request) => answer(request, 200, { "content-type": "application/json" }, JSON.stringify(message("msg_1")));
});
afterEach(async () => {
  proxy.closeConnections(); // a tunnel that stands is used again by whoever goes the same way
  for (const { id } of await up.health()) await admin("DELETE", `/${id}`);
});
afterAll(async () => {
  await up.stop(); // searches the logs for every secret
  await proxy.stop();
});

let added = 0;
const target = () => `${name}:${provider.port}`;
const call = () => up.relay.messages(messagesRequest());
const admin = (method: string, path = "", body?: unknown) => up.relay.request(method, `/api/admin/accounts${path}`, body, up.admin.bearer);
const add = (url: string) => up.add(`proxied-${++added}`, `http://${target()}`, { proxy: url });
const direct = () => up.add(`direct-${++added}`, provider.url, { priority: 10 });
const remove = async (id: string) => expect((await admin("DELETE", `/${id}`)).status).toBe(200);

/** "user:password", and every form in which the password could be found somewhere. */
function credentials(): string {
  const password = `p@ss/word% of proxy ${++added}`;
  const both = `tunnel-user:${password}`;
  up.relay.keepSecret(password, encodeURIComponent(password), Buffer.from(both).toString("base64"));
  return both;
}
const holdsNoSecret = (text: string) => {
  for (const secret of up.relay.secrets) if (/p(@|%40)ss|dHVubmVs/.test(secret)) expect(text).not.toContain(secret);
};

describe.each(["http", "socks5"] as const)("%s", (kind) => {
  const opened = (by?: string): TunnelAsked => ({ kind, target: target(), credentials: by });

  test("the request reaches the provider through the proxy, which alone looks its name up", async () => {
    await add(proxy.url(kind));
    const done = await call();
    expect(done.status, done.text).toBe(200);
    expect(provider.requests).toHaveLength(1);
    expect(provider.last.line).toBe("POST /v1/messages HTTP/1.1");
    expect(provider.last.get("host")).toBe(target());
    expect(provider.last.get("x-api-key")).toContain("sk-ant-account-proxied");
    expect(provider.last.get("proxy-authorization")).toBeUndefined();
    expect(proxy.asked).toEqual([opened()]);
  });

  test("with a user and a password, which nobody is shown", async () => {
    proxy.wants = credentials();
    const id = await add(proxy.url(kind, proxy.wants));
    expect((await call()).status).toBe(200);
    expect(proxy.asked).toEqual([opened(proxy.wants)]);
    expect(provider.requests).toHaveLength(1);

    const shown = await admin("GET", `/${id}`);
    expect(shown.body.data.proxy).toBe(`${kind}://tunnel-user@127.0.0.1:${proxy.port}`);
    const trial = await admin("POST", `/${id}/test`);
    expect(trial.body.data).toMatchObject({ passed: true, status: 200 });
    const trail = await up.relay.get("/api/admin/audit?action=admin.account", up.admin.bearer);
    for (const { text } of [shown, trial, trail, await admin("GET"), await admin("GET", "/health"), await up.relay.command("account", "show", id)]) holdsNoSecret(text);

    // Changed while it runs: the next call uses the new ones.
    proxy.wants = credentials();
    proxy.clear();
    const changed = await admin("PUT", `/${id}`, { proxy: proxy.url(kind, proxy.wants) });
    expect(changed.status, changed.text).toBe(200);
    holdsNoSecret(changed.text);
    expect((await call()).status).toBe(200);
    expect(proxy.asked).toEqual([opened(proxy.wants)]);
  });

  test("with a wrong password the call is a 502, and the account rests", async () => {
    proxy.wants = credentials();
    const given = credentials();
    const id = await add(proxy.url(kind, given));
    const refused = await call();
    expect([refused.status, refused.body.error.type]).toEqual([502, "api_error"]);
    holdsNoSecret(refused.text);
    holdsNoSecret((await admin("POST", `/${id}/test`)).text);
    expect((await up.healthOf(id)).rests[0]).toMatchObject({ family: null, reason: "unreachable" });
    expect(provider.requests).toHaveLength(0);
  });

  test("a proxy that refuses the tunnel: the call goes on at an account without one", async () => {
    proxy.mode = "refuses";
    const id = await add(proxy.url(kind));
    const alone = await call();
    expect(alone.status).toBe(502);
    expect(provider.requests).toHaveLength(0);
    await remove(id);
    const again = await add(proxy.url(kind));
    await direct();
    proxy.clear();
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(200);
    expect(proxy.asked).toEqual([opened()]); // then it rests
    expect(provider.requests).toHaveLength(2);
    expect((await up.healthOf(again)).rests[0]).toMatchObject({ family: null, reason: "unreachable" });
  });

  test("a proxy that says nothing is given up at the deadline", async () => {
    proxy.mode = "hangs";
    const id = await add(proxy.url(kind));
    const from = performance.now();
    const late = await call();
    expect([late.status, late.body.error.type]).toEqual([504, "timeout_error"]);
    expect(performance.now() - from).toBeGreaterThan(500);
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(proxy.asked).toEqual([opened()]);
    await remove(id);
    const again = await add(proxy.url(kind));
    await direct();
    expect((await call()).status).toBe(200);
    expect((await up.healthOf(again)).state).toBe("resting");
    expect(provider.requests).toHaveLength(1);
  });
});

test("a proxy that nobody listens at is a 502", async () => {
  await add("socks5://127.0.0.1:9");
  expect((await call()).status).toBe(502);
});
