// Where people sign in elsewhere: a certified OpenID provider, a GitHub of our own, and an issuer that lies.
import { createHash, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Browser, type Page } from "./browser";

export interface Claims {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export class Site {
  private server: Server | undefined;
  handler: Handler = (_, response) => response.writeHead(503).end();

  async listen(): Promise<this> {
    this.server = createServer((request, response) => void this.handler(request, response));
    await new Promise<void>((resolve) => this.server!.listen(0, "127.0.0.1", resolve));
    return this;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }
  async stop() {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

export const client = { id: "relay client", secret: "a+secret/with=letters that need encoding" };

/** oidc-provider, which the OpenID Foundation has certified. Its client is made when the callback is known. */
export class CertifiedProvider extends Site {
  readonly people = new Map<string, Claims>();

  async serve(callback: string) {
    const { default: Provider } = await import("oidc-provider");
    const { people } = this;
    const { warn } = console; // it warns of what a test is free to do
    console.warn = () => undefined;
    const signingKey = { ...rsa().privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "certified" };
    const provider = new Provider(this.url, {
      jwks: { keys: [signingKey] },
      ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
      clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [callback], response_types: ["code"], grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_basic" }],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
      pkce: { required: () => true },
      cookies: { keys: ["for the test"] },
      findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => people.get(sub) ?? { sub } }),
    });
    console.warn = warn;
    provider.on("server_error", (_: unknown, error: Error) => console.error(error));
    this.handler = provider.callback();
  }

  /** Somebody signs in and agrees, in their browser, which was sent here. Where the provider sends it then. */
  async signIn(browser: Browser, authorizeUrl: string, sub: string, stop: string): Promise<string> {
    let page: Page & { next?: string } = await browser.follow(authorizeUrl, stop);
    for (let forms = 0; forms < 3 && !page.next; ++forms) {
      const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1];
      if (!action) throw new Error(`no form at ${page.url}: ${page.status} ${page.text.slice(0, 500)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page.text)![1]!;
      const sent = await browser.post(new URL(action, page.url).href, prompt === "login" ? { prompt, login: sub, password: "any" } : { prompt });
      page = await browser.follow(new URL(sent.headers.get("location")!, page.url).href, stop);
    }
    return page.next!;
  }
}

/** The three calls of GitHub that a sign-in takes, in GitHub's own shapes. */
export class FakeGitHub extends Site {
  user = { id: 583231, login: "octocat", name: "The Octocat" };
  emails = [{ email: "octocat@example.com", primary: true, verified: true, visibility: "private" }];
  asked: URLSearchParams | undefined;

  constructor() {
    super();
    const codes = new Map<string, { challenge: string; redirect: string }>();
    const json = (response: ServerResponse, body: unknown) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    this.handler = async (request, response) => {
      const url = new URL(request.url!, this.url);
      if (url.pathname === "/login/oauth/authorize") {
        this.asked = url.searchParams;
        const code = `code${codes.size}`;
        codes.set(code, { challenge: url.searchParams.get("code_challenge")!, redirect: url.searchParams.get("redirect_uri")! });
        return response.writeHead(302, { location: `${url.searchParams.get("redirect_uri")}?code=${code}&state=${url.searchParams.get("state")}` }).end();
      }
      if (url.pathname === "/login/oauth/access_token") {
        const form = await formOf(request);
        const known = codes.get(form.get("code") ?? "");
        codes.delete(form.get("code") ?? "");
        const proof = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
        const right = known && known.challenge === proof && known.redirect === form.get("redirect_uri") && form.get("client_id") === client.id && form.get("client_secret") === client.secret;
        return json(response, right ? { access_token: "gho_token", scope: "read:user,user:email", token_type: "bearer" } : { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." });
      }
      if (!request.headers["user-agent"] || request.headers.authorization !== "Bearer gho_token") return response.writeHead(401).end();
      if (url.pathname === "/api/v3/user") return json(response, { ...this.user, email: null });
      if (url.pathname === "/api/v3/user/emails") return json(response, this.emails);
      return response.writeHead(404).end();
    };
  }
}

type Json = Record<string, any>;

export interface Lie {
  claims?: (claims: Json) => Json;
  header?: Json;
  key?: KeyObject;
  token?: (token: string) => string;
  userinfo?: Json;
  discovery?: Json;
  iss?: string;
}

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });

/** An issuer that gives each sign-in away for whatever the test makes it say. */
export class LyingIssuer extends Site {
  lie: Lie = {};
  person: Claims = { sub: "liar", email: "liar@example.com", email_verified: true };
  keys = [{ kid: "k1", pair: rsa() }];
  fetchedKeys = 0;
  private grants = new Map<string, { nonce: string; person?: Claims }>();

  constructor() {
    super();
    this.handler = async (request, response) => {
      const url = new URL(request.url!, this.url);
      const json = (body: unknown) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (url.pathname === "/.well-known/openid-configuration")
        return json({ issuer: this.url, authorization_endpoint: `${this.url}/authorize`, token_endpoint: `${this.url}/token`, jwks_uri: `${this.url}/jwks`, userinfo_endpoint: `${this.url}/me`, ...this.lie.discovery });
      if (url.pathname === "/authorize") {
        return response.writeHead(302, { location: this.grant(url.href).href }).end();
      }
      if (url.pathname === "/jwks") {
        ++this.fetchedKeys;
        return json({ keys: this.keys.map(({ kid, pair }) => ({ kid, use: "sig", ...pair.publicKey.export({ format: "jwk" }) })) });
      }
      if (url.pathname === "/me") return json({ ...this.person, ...this.lie.userinfo });
      const granted = this.grants.get((await formOf(request)).get("code") ?? "");
      return json({ access_token: "at", token_type: "bearer", id_token: this.idToken(granted?.nonce, granted?.person) });
    };
  }

  /** Where the browser goes that was sent here with this address, when it is this person's (else `person`'s). */
  grant(authorizeUrl: string, person?: Claims): URL {
    const asked = new URL(authorizeUrl).searchParams;
    const code = `code${this.grants.size}`;
    this.grants.set(code, { nonce: asked.get("nonce")!, person });
    const back = new URL(asked.get("redirect_uri")!);
    back.search = new URLSearchParams({ code, state: asked.get("state")!, ...(this.lie.iss ? { iss: this.lie.iss } : {}) }).toString();
    return back;
  }

  idToken(nonce: string | undefined, person = this.person): string {
    const now = Math.floor(Date.now() / 1000);
    const { kid, pair } = this.keys.at(-1)!;
    const claims = { iss: this.url, aud: client.id, iat: now, exp: now + 300, nonce, ...person };
    const part = (value: Json) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = { alg: "RS256", kid, ...this.lie.header };
    const text = `${part(header)}.${part(this.lie.claims?.(claims) ?? claims)}`;
    const signature = sign("sha256", Buffer.from(text), this.lie.key ?? createPrivateKey(pair.privateKey.export({ format: "pem", type: "pkcs8" })));
    const token = `${text}.${signature.toString("base64url")}`;
    return this.lie.token?.(token) ?? token;
  }

  rotate(kid: string) {
    this.keys = [{ kid, pair: rsa() }];
  }
}

export const strangersKey = () => rsa().privateKey;
