// As much of a browser as signing in elsewhere takes: cookies for each origin, redirects one at a time, forms.
export interface Page {
  status: number;
  url: string;
  headers: Headers;
  text: string;
  body: any;
}

export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  cookies(url: string): Map<string, string> {
    const origin = new URL(url).origin;
    if (!this.jars.has(origin)) this.jars.set(origin, new Map());
    return this.jars.get(origin)!;
  }

  async go(url: string, init: RequestInit = {}): Promise<Page> {
    const jar = this.cookies(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, redirect: "manual", headers: { ...(init.headers as object), ...(cookie ? { cookie } : {}) } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split("; ");
      const [name, value] = [pair!.slice(0, pair!.indexOf("=")), pair!.slice(pair!.indexOf("=") + 1)];
      if (!value || attributes.some((each) => /^max-age=0$/i.test(each))) jar.delete(name);
      else jar.set(name, value);
    }
    const text = await answer.text();
    let body: any;
    try {
      body = JSON.parse(text);
    } catch {
      body = undefined;
    }
    return { status: answer.status, url, headers: answer.headers, text, body };
  }

  /** Follows redirects until there is none, or the next address begins with `stop`, which is not called. */
  async follow(url: string, stop?: string): Promise<Page & { next?: string }> {
    for (let hops = 0; hops < 20; ++hops) {
      const page = await this.go(url);
      const location = page.headers.get("location");
      if (page.status < 300 || page.status >= 400 || !location) return page;
      const next = new URL(location, url).href;
      if (stop && next.startsWith(stop)) return { ...page, next };
      url = next;
    }
    throw new Error("too many redirects");
  }

  post(url: string, fields: Record<string, string>): Promise<Page> {
    return this.go(url, { method: "POST", body: new URLSearchParams(fields) });
  }
}
