// Upstream accounts of a relay, made over its admin API.
import { Person } from "./people";
import { Relay, type RelayOptions } from "./relay";
import { until } from "./until";

export class Accounts {
  private constructor(
    readonly relay: Relay,
    readonly admin: Person,
  ) {}

  /** A relay whose settings have no account for Anthropic's models; `known` of one that starts again. */
  static async start(options: RelayOptions = {}, known?: Relay["admin"]): Promise<Accounts> {
    const env = { RELAY_ENV: "test", BCRYPT_COST: "4", LOG_LEVEL: "info", ANTHROPIC_API_KEY: "", ALLOW_PRIVATE_UPSTREAMS: "true", ...options.env };
    const relay = await Relay.start({ ...options, env });
    if (known) relay.admin = known;
    return new Accounts(relay, await Person.admin(relay));
  }

  /** Its id. */
  async add(name: string, baseUrl: string, more: object = {}): Promise<string> {
    const body = { name, provider: "anthropic", baseUrl, credential: `sk-ant-account-${name}`, ...more };
    const made = await this.relay.request("POST", "/api/admin/accounts", body, this.admin.bearer);
    if (made.status !== 201) throw new Error(`${made.status}: ${made.text}`);
    await until("the account is in force", async () => (await this.health()).some((account) => account.id === made.body.data.id));
    return made.body.data.id;
  }
  async health(): Promise<any[]> {
    const answer = await this.relay.request("GET", "/api/admin/accounts/health", undefined, this.admin.bearer);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    return answer.body.data;
  }
  async healthOf(id: string): Promise<any> {
    return (await this.health()).find((account) => account.id === id);
  }
  stop() {
    return this.relay.stop();
  }
}
