// A relay with people, keys and a provider behind it, for the tests that go through the whole document.
import { expect } from "vitest";
import { Contract } from "./contract";
import { MailServer, tokenIn } from "./mail_server";
import { Person } from "./people";
import { Relay } from "./relay";
import { Simulate } from "./simulate";

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
    readonly admin: Person,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<World> {
    const simulate = await Simulate.start();
    const mail = await MailServer.start();
    const smtp = { SMTP_URL: mail.url(), SMTP_FROM: "relay@example.com" };
    const relay = await Relay.start({ upstream: simulate.url, env: { ...settings, ...smtp, ...env } });
    return new World(relay, simulate, await Contract.of(relay.url), mail, await Person.admin(relay));
  }
  async stop() {
    await this.relay.stop();
    await this.simulate.stop();
    await this.mail.stop();
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
  /** The token of the newest mail to somebody that has such a subject. */
  async token(recipient: string, subject: RegExp): Promise<string> {
    return tokenIn(await this.mail.arrives(recipient, subject));
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
