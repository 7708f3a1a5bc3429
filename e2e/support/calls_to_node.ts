// What a client sees of a node whose store is not well: relayed calls and calls of the client API, with their times.
import { messagesRequest } from "./answers";
import type { Answer, Relay } from "./relay";

export interface Timed extends Answer {
  ms: number;
}
async function timed(call: Promise<Answer>): Promise<Timed> {
  const began = performance.now();
  const answer = await call;
  return { ...answer, ms: performance.now() - began };
}

export const relayed = (relay: Relay, key: string) => timed(relay.post("/v1/messages", messagesRequest(), { "x-api-key": key, "anthropic-version": "2023-06-01" }));

/** A key that is well-formed and nobody's: the first form's, which has no checksum. */
export const nobodysKey = () => `cuk_${Math.random().toString(36).slice(2, 14)}`;

/** Calls of the client API that need the store. */
export function clientCalls(relay: Relay, bearer: Record<string, string>) {
  const auth = (path: string, body: object) => timed(relay.post(`/api/client/auth/${path}`, body));
  return {
    login: () => auth("login", { email: "somebody@example.com", password: "a long enough password" }),
    register: () => auth("register", { email: "somebody@example.com", username: "somebody", password: "a long enough password" }),
    refresh: () => auth("refresh", { refreshToken: "a".repeat(43) }),
    profile: () => timed(relay.get("/api/client/users/profile", bearer)),
    "list of keys": () => timed(relay.get("/api/client/keys", bearer)),
    "new key": () => timed(relay.post("/api/client/keys", { name: "in the dark" }, bearer)),
    usage: () => timed(relay.get("/api/client/users/usage", bearer)),
    verify: () => timed(relay.post("/api/client/keys/verify", { apiKey: nobodysKey() })),
  };
}
