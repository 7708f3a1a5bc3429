// RFC 9112 5.1, 6.3, 7.1, 11.2: what two parsers could read differently is refused, and the connection closed, before
// anything reaches a provider.
import { expect, test } from "vitest";
import { useProvider, useRelay } from "../support/use";
import { messagesRequest } from "../support/answers";
import { statusOf, Wire } from "../support/wire";

const provider = useProvider();
const up = useRelay(() => ({ upstream: provider.url }));

const body = JSON.stringify(messagesRequest());
const length = `Content-Length: ${body.length}\r\n`;
const smuggled = "GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n";

interface Case {
  line?: string;
  fields?: string;
  host?: string;
  body?: string;
  status?: number;
}

// Without a body of their own the cases carry a good one, so that only the fault can be the reason.
const cases: Record<string, Case> = {
  "Content-Length and Transfer-Encoding": { fields: "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", body: `0\r\n\r\n${smuggled}` },
  "Transfer-Encoding and Content-Length": { fields: "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", body: `0\r\n\r\n${smuggled}` },
  "two lengths that differ": { fields: `${length}Content-Length: 3\r\n` },
  "the same length twice": { fields: length + length },
  "a list of lengths": { fields: `Content-Length: ${body.length}, ${body.length}\r\n` },
  "a length with a sign": { fields: `Content-Length: +${body.length}\r\n` },
  "a negative length": { fields: "Content-Length: -1\r\n" },
  "a hexadecimal length": { fields: "Content-Length: 0x10\r\n" },
  "an empty length": { fields: "Content-Length: \r\n" },
  "a length with words": { fields: "Content-Length: 10 bytes\r\n" },
  "a length past 64 bits": { fields: "Content-Length: 18446744073709551617\r\n" },
  "chunked twice": { fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body: "0\r\n\r\n" },
  "chunked, then something": { fields: "Transfer-Encoding: chunked, identity\r\n", body: "0\r\n\r\n" },
  "gzip, chunked": { fields: "Transfer-Encoding: gzip, chunked\r\n", body: "0\r\n\r\n" },
  "xchunked": { fields: "Transfer-Encoding: xchunked\r\n", body: "0\r\n\r\n" },
  "chunked behind a vertical tab": { fields: "Transfer-Encoding: \x0bchunked\r\n", body: "0\r\n\r\n" },
  "an empty Transfer-Encoding": { fields: `Transfer-Encoding: \r\n${length}` },
  "a chunk size that is no number": { fields: "Transfer-Encoding: chunked\r\n", body: "xyz\r\nabc\r\n0\r\n\r\n" },
  "a chunk size with a sign": { fields: "Transfer-Encoding: chunked\r\n", body: "+3\r\nabc\r\n0\r\n\r\n" },
  "a chunk size with 0x": { fields: "Transfer-Encoding: chunked\r\n", body: "0x3\r\nabc\r\n0\r\n\r\n" },
  "a chunk size past 64 bits": { fields: "Transfer-Encoding: chunked\r\n", body: "10000000000000003\r\nabc\r\n0\r\n\r\n" },
  "an empty chunk size": { fields: "Transfer-Encoding: chunked\r\n", body: "\r\nabc\r\n0\r\n\r\n" },
  "a chunk that is longer than it says": { fields: "Transfer-Encoding: chunked\r\n", body: "3\r\nabcd\r\n0\r\n\r\n" },
  "a chunk line with a bare LF": { fields: "Transfer-Encoding: chunked\r\n", body: "3\nabc\r\n0\r\n\r\n" },
  "chunk data that ends with a bare LF": { fields: "Transfer-Encoding: chunked\r\n", body: "3\r\nabc\n0\r\n\r\n" },
  "a bare LF in a chunk extension": { fields: "Transfer-Encoding: chunked\r\n", body: "3;a=\nb\r\nabc\r\n0\r\n\r\n" },
  "obs-fold": { fields: `${length}X-Folded: a\r\n b\r\n` },
  "obs-fold with a tab in front of the first field": { host: "\tX: y\r\nHost: a\r\n", fields: length },
  "a bare LF between fields": { fields: `${length}X-A: b\nX-C: d\r\n` },
  "a bare CR in a value": { fields: `${length}X-A: b\rc\r\n` },
  "a NUL in a value": { fields: `${length}X-A: b\0c\r\n` },
  "a NUL in a name": { fields: `${length}X\0A: b\r\n` },
  "a control character in a value": { fields: `${length}X-A: b\x01c\r\n` },
  "a space before the colon": { fields: `Content-Length : ${body.length}\r\n` },
  "a tab before the colon": { fields: `Transfer-Encoding\t: chunked\r\n${length}` },
  "a field without a colon": { fields: `${length}nonsense\r\n` },
  "a field without a name": { fields: `${length}: value\r\n` },
  "a space in a name": { fields: `${length}X A: b\r\n` },
  "no Host": { host: "", fields: length },
  "two Hosts": { host: "Host: a\r\nHost: b\r\n", fields: length },
  "a Host with a path": { host: "Host: a/b\r\n", fields: length },
  "no version": { line: "POST /v1/messages", fields: length },
  "HTTP/1.2.3": { line: "POST /v1/messages HTTP/1.2.3", fields: length },
  "http in lower case": { line: "POST /v1/messages http/1.1", fields: length },
  "two spaces in the line": { line: "POST  /v1/messages HTTP/1.1", fields: length },
  "a space at the line's end": { line: "POST /v1/messages HTTP/1.1 ", fields: length },
  "a target with a space": { line: "POST /v1/mess ages HTTP/1.1", fields: length },
  "a bare LF behind the line": { line: "POST /v1/messages HTTP/1.1\nX-A: b", fields: length },
  "a method that is no token": { line: "PO(ST /v1/messages HTTP/1.1", fields: length },
  "Transfer-Encoding in HTTP/1.0": { line: "POST /v1/messages HTTP/1.0", fields: "Transfer-Encoding: chunked\r\n", body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` },
  "a target of 70,000 bytes": { line: `POST /v1/messages?${"q".repeat(70_000)} HTTP/1.1`, fields: length, status: 414 },
  "a field of 70,000 bytes": { fields: `${length}X-Long: ${"v".repeat(70_000)}\r\n`, status: 431 },
  "1,000 fields": { fields: length + Array.from({ length: 1000 }, (_, n) => `X-${n}: v\r\n`).join(""), status: 431 },
  "a length past the limit": { fields: `Content-Length: ${64 * 1024 * 1024}\r\n`, body: "{", status: 413 },
};

test.each(Object.entries(cases))("%s is refused and the connection closed", async (_, bad) => {
  const wire = await Wire.open(up.relay.port);
  const line = bad.line ?? "POST /v1/messages HTTP/1.1";
  const key = `X-Api-Key: ${up.relay.admin.key}\r\nContent-Type: application/json\r\n`;
  wire.send(`${line}\r\n${bad.host ?? "Host: relay.test\r\n"}${key}${bad.fields ?? ""}\r\n${bad.body ?? body}${smuggled}`);
  const got = await wire.closed();
  expect(statusOf(got), got.slice(0, 300)).toBe(bad.status ?? 400);
  expect(got.match(/HTTP\/1\.1 \d/g)).toHaveLength(1); // what came behind it was not answered
  expect(got.toLowerCase()).toContain("connection: close");
  expect(provider.requests).toHaveLength(0);
  wire.close();
});

test.each(["HTTP/2.0", "HTTP/3.7", "HTTP/9.9"])("version %s is refused with 400 or 505 and the connection closed", async (version) => {
  const wire = await Wire.open(up.relay.port);
  wire.send(`POST /v1/messages ${version}\r\nHost: a\r\n${length}\r\n${body}`);
  expect([400, 505]).toContain(statusOf(await wire.closed()));
  expect(provider.requests).toHaveLength(0);
});

test("a head that never ends is refused at its limit", async () => {
  const wire = await Wire.open(up.relay.port);
  wire.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\n");
  for (let n = 0; n < 40 && wire.endedAt === undefined; n++) {
    wire.send(`X-${n}: ${"v".repeat(4000)}\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(statusOf(await wire.closed())).toBe(431);
});

test("an answer that a provider frames in two ways goes to nobody as whole", async () => {
  provider.reply = (request) =>
    request.socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
  const refused = await up.relay.messages(messagesRequest());
  expect(refused.status).toBe(502);
  expect(refused.body.error.type).toBe("api_error");
});
