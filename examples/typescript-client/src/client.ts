// A typed client for Claude Relay: paths, parameters, bodies and answers as /openapi.json has them.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema";

export type User = components["schemas"]["User"];
export type ApiKey = components["schemas"]["Key"];
export type ErrorAnswer = components["schemas"]["Error"];

export interface Tokens {
  token: string;
  refreshToken: string;
}

/** An answer that was refused; `answer.code` is for programs, `answer.details` names each wrong field. */
export class RelayError extends Error {
  constructor(
    readonly status: number,
    readonly answer: ErrorAnswer,
  ) {
    super(answer.message);
    this.name = answer.error;
  }
}

export interface RelayClient extends Client<paths> {
  /** Null while nobody is signed in. */
  tokens: Tokens | null;
}

export interface RelayClientOptions {
  tokens?: Tokens;
  fetch?: (request: Request) => Promise<Response>;
}

/** Keeps the tokens of a sign-in, sends them, and refreshes them once when the access token has run out. */
export function createRelayClient(baseUrl: string, options: RelayClientOptions = {}): RelayClient {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  let refreshing: Promise<void> | null = null;

  const signed = (request: Request, tokens: Tokens) => {
    request.headers.set("authorization", `Bearer ${tokens.token}`);
    return send(request);
  };

  async function sendSigned(request: Request): Promise<Response> {
    const { tokens } = client;
    if (!tokens || request.url.endsWith("/auth/refresh")) return send(request);
    const again = request.clone(); // a body can be sent once
    const answer = await signed(request, tokens);
    if (answer.status !== 401 || !(await hasRunOut(answer))) return answer;
    if (client.tokens === tokens) {
      refreshing ??= refresh(tokens).finally(() => (refreshing = null));
      await refreshing;
    }
    return client.tokens ? signed(again, client.tokens) : answer;
  }

  async function refresh({ refreshToken }: Tokens): Promise<void> {
    const { data } = await client.POST("/api/client/auth/refresh", { body: { refreshToken } });
    client.tokens = data ? { token: data.token, refreshToken: data.refreshToken } : null;
  }

  const client = Object.assign(createClient<paths>({ baseUrl, fetch: sendSigned }), { tokens: options.tokens ?? null });
  return client;
}

async function hasRunOut(answer: Response): Promise<boolean> {
  const { error } = (await answer.clone().json()) as Partial<ErrorAnswer>;
  return error === "TokenExpired";
}

/** The data of an answer, or the error as an exception. */
export async function must<T>(pending: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await pending;
  if (data === undefined) throw new RelayError(response.status, error as ErrorAnswer);
  return data;
}
