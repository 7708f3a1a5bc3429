// People and keys, made over the client API.
import type { Relay } from "./relay";

let people = 0;

// Not Vitest's: what runs for hours runs without it.
function answered(status: number, answer: { status: number; text: string }) {
  if (answer.status !== status) throw new Error(`${answer.status}, not ${status}: ${answer.text}`);
}

export class Person {
  private constructor(
    private readonly relay: Relay,
    readonly email: string,
    readonly password: string,
    public token: string,
    public refreshToken: string,
    readonly user: any,
  ) {}

  static async admin(relay: Relay): Promise<Person> {
    const { email, password } = relay.admin;
    return Person.signedIn(relay, await relay.post("/api/client/auth/login", { email, password }), password);
  }

  static async register(relay: Relay): Promise<Person> {
    const name = `person${++people}`;
    const password = `correct horse ${name} battery`;
    const made = await relay.post("/api/client/auth/register", { email: `${name}@example.com`, username: name, password, confirmPassword: password });
    answered(201, made);
    const { token, refreshToken, user } = made.body;
    return new Person(relay, user.email, password, token, refreshToken, user);
  }

  /** Whoever a sign-in's answer is for. */
  static signedIn(relay: Relay, answer: { status: number; body: any; text: string }, password = ""): Person {
    answered(200, answer);
    const { token, refreshToken, user } = answer.body.data;
    return new Person(relay, user.email, password, token, refreshToken, user);
  }

  /** The same person, with the same session, at another node. */
  at(relay: Relay): Person {
    return new Person(relay, this.email, this.password, this.token, this.refreshToken, this.user);
  }

  get bearer() {
    return { authorization: `Bearer ${this.token}` };
  }
  get(path: string) {
    return this.relay.get(`/api/client${path}`, this.bearer);
  }
  post(path: string, body: unknown = {}) {
    return this.relay.post(`/api/client${path}`, body, this.bearer);
  }
  put(path: string, body: unknown) {
    return this.relay.request("PUT", `/api/client${path}`, body, this.bearer);
  }
  delete(path: string) {
    return this.relay.request("DELETE", `/api/client${path}`, undefined, this.bearer);
  }

  /** A new key: its object, with the secret in `key`. */
  async key(fields: object = {}): Promise<any> {
    const made = await this.post("/keys", { name: "test key", ...fields });
    answered(201, made);
    return made.body.data;
  }

  /** The key's usage, once it counts so many requests. */
  async usage(id: string, requests: number, query = "", withinMs = 2_000): Promise<any> {
    const limit = performance.now() + withinMs;
    for (;;) {
      const usage = await this.get(`/keys/${id}/usage${query}`);
      answered(200, usage);
      if (usage.body.data.totals?.requests === requests) return usage.body.data;
      if (performance.now() > limit) throw new Error(`not ${requests} requests in ${withinMs} ms: ${usage.text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
