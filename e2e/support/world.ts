// A relay with people, keys and a provider behind it, for the tests that go through the whole document.
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { Contract } from "./contract";
import { type Claims, client, LyingIssuer } from "./identity_providers";
import { MailServer, tokenIn } from "./mail_server";
import { Person } from "./people";
import { Relay } from "./relay";
import { Simulate } from "./simulate";
import { Authenticator } from "./totp";

export const settings = {
  RELAY_ENV: "test",
  BCRYPT_COST: "4",
  CLIENT_BODY_MAX: "2MB",
  LOG_LEVEL: "info",
};

export class World {
  private constructor(
    readonly relay: Relay,
    readonly simulate: Simulate,
    readonly contract: Contract,
    readonly mail: MailServer,
    readonly issuer: LyingIssuer,
    readonly admin: Person,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<World> {
    const simulate = await Simulate.start();
    const mail = await MailServer.start();
    const smtp = { SMTP_URL: mail.url(), SMTP_FROM: "relay@example.com" };
    const issuer = await new LyingIssuer().listen();
    const oidc = { ALLOW_PRIVATE_UPSTREAMS: "true", OAUTH_OIDC_ISSUER: issuer.url, OAUTH_OIDC_CLIENT_ID: client.id, OAUTH_OIDC_CLIENT_SECRET: client.secret };
    const relay = await Relay.start({ upstream: simulate.url, env: { ...settings, ...smtp, ...oidc, ...env } });
    return new World(relay, simulate, await Contract.of(relay.url), mail, issuer, await Person.admin(relay));
  }
  async stop() {
    await this.relay.stop();
    await this.simulate.stop();
    await this.mail.stop();
    await this.issuer.stop();
  }

  person(): Promise<Person> {
    return Person.register(this.relay);
  }
  /** Somebody with a key; `id` and `secret` are the key's. */
  async keyOwner(fields: object = {}): Promise<{ person: Person; id: string; secret: string }> {
    const person = await this.person();
    const { id, key } = await person.key(fields);
    return { person, id, secret: key };
  }
  /** Changes somebody's address; the token of the link that takes it back. */
  async move(person: Person): Promise<string> {
    must(200, await person.put("/users/profile", { email: this.newcomer().email }));
    return this.token(person.email, /address was changed/i);
  }
  /** Somebody with a second factor: their app and their recovery codes. */
  async twoFactorOwner(): Promise<{ person: Person; app: Authenticator; codes: string[] }> {
    const person = await this.person();
    const app = await this.authenticator(person);
    const confirmed = await person.post("/auth/mfa/confirm", { code: app.next() });
    must(200, confirmed);
    this.relay.keepSecret(...confirmed.body.data.recoveryCodes);
    return { person, app, codes: confirmed.body.data.recoveryCodes };
  }
  /** An app with the secret of somebody who has yet to confirm it. */
  async authenticator(person: Person): Promise<Authenticator> {
    const { secret } = (await person.post("/auth/mfa/setup")).body.data;
    this.relay.keepSecret(secret);
    return new Authenticator(secret);
  }
  /** The ticket of a login that waits for the second factor. */
  async ticket({ email, password }: Person): Promise<string> {
    const asked = await this.relay.post("/api/client/auth/login", { email, password });
    must(200, asked);
    return asked.body.data.ticket;
  }

  /** A browser that comes back from the issuer as this person: the call of the callback. */
  async comingBack(claims: Partial<Claims> = {}, query = ""): Promise<{ path: Record<string, string>; query: string; headers: Record<string, string> }> {
    const left = await this.relay.get(`/api/client/auth/oauth/oidc${query}`);
    must(302, left);
    const email = this.newcomer().email;
    const back = this.issuer.grant(left.headers.get("location")!, { sub: email, email, email_verified: true, ...claims });
    return { path: { provider: "oidc" }, query: back.search.slice(1), headers: { cookie: left.headers.get("set-cookie")!.split(";")[0]! } };
  }
  /** What POST auth/oauth/exchange takes. */
  async oauthCode(claims: Partial<Claims> = {}): Promise<{ code: string; verifier: string }> {
    const verifier = "a secret of the page";
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const { query, headers } = await this.comingBack(claims, `?challenge=${challenge}`);
    const arrived = await this.relay.get(`/api/client/auth/oauth/oidc/callback?${query}`, headers);
    must(200, arrived);
    return { code: arrived.body.data.code, verifier };
  }
  /** Somebody who signed in with the issuer, and the link's id. */
  async linked(claims: Partial<Claims> = {}): Promise<{ person: Person; id: string }> {
    const { query, headers } = await this.comingBack(claims);
    const person = Person.signedIn(this.relay, await this.relay.get(`/api/client/auth/oauth/oidc/callback?${query}`, headers));
    return { person, id: (await person.get("/auth/identities")).body.data.identities[0].id };
  }
  /** Somebody who has shown that their address is theirs. */
  async verifiedPerson(): Promise<Person> {
    const person = await this.person();
    must(200, await this.relay.post("/api/client/auth/verify-email", { token: await this.token(person.email, /verify/i) }));
    return person;
  }
  /** The token of a link to set a new password. */
  async resetToken({ email }: Person): Promise<string> {
    must(200, await this.relay.post("/api/client/auth/forgot-password", { email }));
    return this.token(email, /reset/i);
  }

  /** The token of the newest mail to somebody that has such a subject. */
  async token(recipient: string, subject: RegExp): Promise<string> {
    // Here everything runs at one time, in one process with the mail server.
    return tokenIn(await this.mail.arrives(recipient, subject, 1, 40_000));
  }
  /** What a sign-in form needs to send passwords in plain text, of somebody who is not there yet. */
  newcomer() {
    const name = `newcomer${++newcomers}`;
    const password = `correct horse ${name} battery`;
    this.relay.keepSecret(password);
    return { email: `${name}@example.com`, username: name, password, confirmPassword: password };
  }
}
let newcomers = 0;

export const nobodys = (prefix: string) => `${prefix}_00000000000000000000000000`;

export function must(status: number, answer: { status: number; text: string }) {
  expect(answer.status, answer.text).toBe(status);
}
