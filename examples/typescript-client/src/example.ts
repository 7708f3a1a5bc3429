// Signs in, makes a key, lists all keys page by page, and asks what the key has used.
import { type ApiKey, createRelayClient, must } from "./client";

export async function example(baseUrl: string, email: string, password: string): Promise<{ keys: ApiKey[]; secret: string; requests: number }> {
  const relay = createRelayClient(baseUrl);
  const { data } = await must(relay.POST("/api/client/auth/login", { body: { email, password } }));
  if ("mfaRequired" in data) throw new Error("this account has a second factor: POST auth/mfa/verify with data.ticket is next");
  relay.tokens = { token: data.token, refreshToken: data.refreshToken };

  const made = await must(relay.POST("/api/client/keys", { body: { name: "laptop", permissions: ["claude"], budget: { monthly: "80.00" } } }));

  const keys: ApiKey[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await must(relay.GET("/api/client/keys", { params: { query: { limit: 50, cursor } } }));
    keys.push(...page.data);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }

  const usage = await must(relay.GET("/api/client/keys/{id}/usage", { params: { path: { id: made.data.id }, query: { days: 7 } } }));
  return { keys, secret: made.key, requests: usage.data.totals.requests };
}
