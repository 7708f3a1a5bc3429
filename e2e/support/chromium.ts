// Debian's Chromium without a window, with a profile of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export class Chromium {
  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  static async start(viewport = { width: 1280, height: 900 }): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "relay-chromium-"));
    const context = await chromium.launchPersistentContext(profile, { executablePath: "/usr/bin/chromium", headless: true, args: flags, viewport });
    return new Chromium(context, profile);
  }
  async stop() {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }

  /** A new page; `complaints` fills with what the console says: errors, and what a policy kept out. */
  async page(): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await this.context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    return { page, complaints, requests };
  }
}
