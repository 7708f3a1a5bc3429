// A real SMTP server on loopback: keeps what it accepts, and can ask for TLS and a sign-in, refuse, or be away.
import { readFile } from "node:fs/promises";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface ReceivedMail extends ParsedMail {
  to_: string;
  from_: string;
  secure: boolean;
  user: string | undefined;
}

export interface MailServerOptions {
  certificate?: { key: string; cert: string };
  login?: { user: string; password: string };
  port?: number;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** Replies to give to the next recipients or messages, each once. */
  readonly refusals: { at: "recipient" | "data"; code: number }[] = [];
  tries = 0;
  private news: (() => void)[] = [];

  private constructor(
    private readonly server: SMTPServer,
    public port: number,
  ) {}

  static async start(options: MailServerOptions = {}): Promise<MailServer> {
    let self: MailServer | undefined;
    const refuse = (at: "recipient" | "data") => {
      const next = self!.refusals[0];
      if (next?.at !== at) return undefined;
      self!.refusals.shift();
      return Object.assign(new Error("not now"), { responseCode: next.code });
    };
    const settings: SMTPServerOptions = {
      authOptional: options.login === undefined,
      disabledCommands: options.certificate ? [] : ["STARTTLS"],
      hideSTARTTLS: options.certificate === undefined,
      logger: false,
      disableReverseLookup: true, // of the loopback address, which takes seconds where no name server answers
      onAuth: (auth, _session, done) => {
        const right = auth.username === options.login?.user && auth.password === options.login?.password;
        done(right ? null : new Error("wrong user or password"), { user: auth.username });
      },
      onRcptTo: (_address, _session, done) => {
        self!.tries++;
        done(refuse("recipient"));
      },
      onData: (stream, session, done) => {
        void simpleParser(stream).then((mail) => {
          const refusal = refuse("data");
          if (!refusal) {
            const sender = session.envelope.mailFrom;
            self!.mails.push(
              Object.assign(mail, {
                to_: session.envelope.rcptTo[0]!.address,
                from_: sender ? sender.address : "",
                secure: session.secure,
                user: session.user,
              }),
            );
          }
          done(refusal);
          self!.news.splice(0).forEach((tell) => tell());
        }, done);
      },
      ...(options.certificate && { key: await readFile(options.certificate.key), cert: await readFile(options.certificate.cert) }),
    };
    const server = new SMTPServer(settings);
    server.on("error", () => undefined); // a client that goes away in the middle
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
    self = new MailServer(server, (server.server.address() as { port: number }).port);
    return self;
  }

  url(credentials = ""): string {
    return `smtp://${credentials}127.0.0.1:${this.port}`;
  }

  to(recipient: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.to_ === recipient);
  }

  /** The newest mail to `recipient` with this subject, once `count` such are there. */
  async arrives(recipient: string, subject: RegExp, count = 1, withinMs = 10_000): Promise<ReceivedMail> {
    const limit = performance.now() + withinMs;
    for (;;) {
      const found = this.to(recipient).filter((mail) => subject.test(mail.subject ?? ""));
      if (found.length >= count) return found[found.length - 1]!;
      const left = limit - performance.now();
      if (left <= 0) {
        const there = this.mails.map((mail) => `${mail.to_}: ${mail.subject}`).join("\n");
        throw new Error(`no ${count} mails ${subject} to ${recipient} in ${withinMs} ms; there are:\n${there}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.news.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** The link of a mail, as its text has it. */
export function linkIn(mail: ReceivedMail): URL {
  const found = /^https?:\/\/\S+token=\S+$/m.exec(mail.text ?? "");
  if (!found) throw new Error(`no link in: ${mail.text}`);
  return new URL(found[0]);
}

export const tokenIn = (mail: ReceivedMail): string => linkIn(mail).searchParams.get("token")!;
