// The figures of the sign-in's defence, on the real binary with its real settings. `./dev figures` runs it; it ends
// with an error when one of them is out of its bound.
import { constants, publicEncrypt } from "node:crypto";
import { Relay, type Answer } from "../support/relay";

const rows: [what: string, figure: string, bound: string, holds: boolean][] = [];
const report = (what: string, figure: string, bound: string, holds: boolean) => {
  rows.push([what, figure, bound, holds]);
  console.log(`${holds ? "ok  " : "FAIL"} ${what}: ${figure} (${bound})`);
};

const auth = (relay: Relay, call: string, body: unknown, headers: Record<string, string> = {}) => relay.post(`/api/client/auth/${call}`, body, headers);
const profile = async (relay: Relay, token: string) => (await relay.get("/api/client/users/profile", { authorization: `Bearer ${token}` })).status;
const password = "correct horse battery staple of the figures";

let people = 0;
async function register(relay: Relay, headers: Record<string, string> = {}): Promise<{ email: string; token: string; refreshToken: string }> {
  const name = `figure${++people}`;
  const made = await auth(relay, "register", { email: `${name}@example.com`, username: name, password }, headers);
  if (made.status !== 201) throw new Error(made.text);
  return { email: `${name}@example.com`, token: made.body.token, refreshToken: made.body.refreshToken };
}

const median = (times: number[]) => {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
};

// Interleaved, so that whatever else the machine does meets both alike.
async function equalTimes(relay: Relay, tries: number) {
  const known = await register(relay);
  const times = { known: [] as number[], unknown: [] as number[] };
  const wrong = async (email: string, into: number[]) => {
    const before = performance.now();
    const refused = await auth(relay, "login", { email, password: "not the password" });
    into.push(performance.now() - before);
    if (refused.status !== 401) throw new Error(refused.text);
  };
  for (let n = 0; n < tries + 5; ++n) {
    await wrong(known.email, times.known);
    await wrong(`stranger${n}@example.com`, times.unknown);
  }
  const [a, b] = [median(times.known.slice(5, tries + 5)), median(times.unknown.slice(5, tries + 5))];
  const apart = (Math.abs(a - b) / Math.min(a, b)) * 100;
  report(`login of a known and an unknown address, median of ${tries} each`, `${a.toFixed(2)} and ${b.toFixed(2)} ms, ${apart.toFixed(2)} % apart`, "under 5 %", apart < 5);
}

async function oneRefresh(relay: Relay) {
  const person = await register(relay);
  const answers = await Promise.all(Array.from({ length: 50 }, () => auth(relay, "refresh", { refreshToken: person.refreshToken })));
  const pairs = answers.filter((each) => each.status === 200);
  const distinct = new Set(pairs.map((each) => each.body.data.refreshToken)).size;
  report("50 parallel uses of one refresh token", `${pairs.length} new pairs, ${50 - pairs.length} refused`, "1 and 3 at most within the grace", pairs.length >= 1 && pairs.length <= 4 && distinct === pairs.length);
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  const late = await auth(relay, "refresh", { refreshToken: person.refreshToken });
  const left = await Promise.all(pairs.map((each) => auth(relay, "refresh", { refreshToken: each.body.data.refreshToken })));
  const inside = await Promise.all(pairs.map((each) => profile(relay, each.body.data.token)));
  const ways = left.filter((each) => each.status === 200).length + inside.filter((status) => status === 200).length;
  report("the same token after the grace", `${late.status}, and ${ways} ways in are left of its ${pairs.length} pairs`, "401 and 0", late.status === 401 && ways === 0);
}

async function oneNonce(relay: Relay, rounds: number) {
  const person = await register(relay);
  let passed = 0;
  for (let n = 0; n < rounds; ++n) {
    const { publicKey, nonce } = (await relay.get("/api/client/auth/public-key")).body;
    const encryptedPassword = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(password)).toString("base64");
    const both = await Promise.all([1, 2].map(() => auth(relay, "login", { email: person.email, encryptedPassword, nonce })));
    passed += both.filter((each) => each.status === 200).length;
  }
  report(`one nonce used twice in parallel, ${rounds} times`, `${passed} of ${2 * rounds} pass`, `${rounds}`, passed === rounds);
}

async function endedAtOnce(relay: Relay, rounds: number) {
  const person = await register(relay);
  let late = 0;
  let slowest = 0;
  for (let n = 0; n < rounds; ++n) {
    const { token } = (await auth(relay, "login", { email: person.email, password })).body;
    if ((await profile(relay, token)) !== 200) throw new Error("a new session does not work");
    await auth(relay, "logout", {}, { authorization: `Bearer ${token}` });
    const before = performance.now();
    if ((await profile(relay, token)) !== 401) ++late;
    slowest = Math.max(slowest, performance.now() - before);
  }
  report(`sessions used right after their logout, ${rounds} times`, `${late} let in, refused within ${slowest.toFixed(1)} ms`, "0", late === 0);
}

async function wrongLogins(tries: number, addresses: number) {
  const limit = 30; // AUTH_LIMIT_PER_ADDRESS as it comes
  const relay = await Relay.start({ env: { AUTH_LIMIT_PER_ADDRESS: String(limit), TRUSTED_PROXIES: "127.0.0.1", ALLOW_PLAINTEXT_PASSWORDS: "true", LOG_LEVEL: "warn" } });
  try {
    const home = { "x-forwarded-for": "203.0.113.7" };
    const owner = await register(relay, home);
    const counts = new Map<number, number>();
    let sent = 0;
    let ownerRefused = 0;
    const started = performance.now();
    const stranger = async () => {
      while (sent < tries) {
        const n = sent++;
        // From the middle on strangers even guess right.
        const guess = n < tries / 2 ? `guess ${n}` : password;
        const answer: Answer = await auth(relay, "login", { email: owner.email, password: guess }, { "x-forwarded-for": `198.51.100.${n % addresses}` });
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        if (answer.status === 429 && !answer.headers.get("retry-after")) throw new Error("429 without Retry-After");
        if (n % 500 === 0 && (await profile(relay, owner.token)) !== 200) ++ownerRefused;
      }
    };
    await Promise.all(Array.from({ length: 50 }, stranger));
    const seconds = (performance.now() - started) / 1000;
    const windows = 1 + Math.floor(seconds / 300);
    const looked = (counts.get(401) ?? 0) + (counts.get(200) ?? 0);
    const most = 2 * limit * windows;
    const said = [...counts].map(([status, count]) => `${status}: ${count}`).join(", ");
    report(`${tries} logins of one account from ${addresses} addresses in ${seconds.toFixed(0)} s`, said, `${most} looked at, no success`, looked <= most && !counts.get(200));
    const session = await profile(relay, owner.token);
    const refreshed = await auth(relay, "refresh", { refreshToken: owner.refreshToken }, home);
    const again = await auth(relay, "login", { email: owner.email, password }, home);
    report("the owner meanwhile, from a known session, and after it by login from a known address", `${ownerRefused} calls refused; session ${session}, refresh ${refreshed.status}, login ${again.status}`, "0; 200, 200, 200", ownerRefused === 0 && [session, refreshed.status, again.status].every((status) => status === 200));
  } finally {
    await relay.stop();
  }
}

const relay = await Relay.start({ env: { LOG_LEVEL: "warn" } });
try {
  await equalTimes(relay, 200);
  await oneRefresh(relay);
  await oneNonce(relay, 25);
  await endedAtOnce(relay, 50);
} finally {
  await relay.stop();
}
await wrongLogins(10_000, 100);

const failed = rows.filter(([, , , holds]) => !holds).length;
console.log(failed === 0 ? `all ${rows.length} figures hold` : `${failed} of ${rows.length} figures do not hold`);
process.exit(failed === 0 ? 0 : 1);
