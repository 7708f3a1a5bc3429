// Every way in which a caller can get an operation of the document wrong.
import { type Contract, type Operation, placeOf, pointer } from "./contract";

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Attempt {
  what: string;
  path?: Record<string, string>;
  query?: string;
  body?: Bytes;
  headers?: Record<string, string>;
  /** The field that the refusal must name. Without one it may be accepted, or refused for anything. */
  names?: string;
}

// As they stand in the JSON text; latin1, so that any byte can be written.
const values = ["7", "-1", "1.5", "1e400", "99999999999999999999", "true", "null", "[]", "[[]]", "[null]", "[7]", "{}", '{"a":"\\u0000"}', '""', '"x"', '"\u00e4"'];
const long = `"${"x".repeat(20_000)}"`;
const deep = "[".repeat(40) + "]".repeat(40);
const nul = '"a\\u0000b"';
const brokenBytes = '"a\xc3"';
const halfPair = '"\\ud800"';

export function attempts(contract: Contract, operation: Operation, base: unknown): Attempt[] {
  const all = [...pathAttempts(operation), ...queryAttempts(contract, operation), ...headerAttempts(operation)];
  const schema = operation.requestBody?.content["application/json"]?.schema;
  if (!schema) return operation.method === "GET" ? all : [...all, { what: "a body", body: latin1("[1") }];
  all.push(...bodyAttempts());
  for (const field of fieldsOf(contract, `${placeOf(operation)}/requestBody/content/application~1json/schema`, [])) {
    all.push(...fieldAttempts(contract, field, (base ?? {}) as object));
  }
  return all;
}

interface Field {
  path: string[];
  place: string;
  required: boolean;
}

function fieldsOf(contract: Contract, place: string, path: string[]): Field[] {
  const [at, schema] = contract.locate(place);
  return Object.keys(schema.properties ?? {}).flatMap((name) => {
    const own = { path: [...path, name], place: `${at}/properties/${pointer(name)}`, required: (schema.required ?? []).includes(name) };
    return path.length < 3 ? [own, ...fieldsOf(contract, own.place, own.path)] : [own];
  });
}

function fieldAttempts(contract: Contract, field: Field, base: object): Attempt[] {
  const name = field.path.join(".");
  const last = field.path.at(-1)!;
  const attempt = (what: string, raw: string | undefined, names?: string): Attempt => ({ what: `${name}: ${what}`, body: bodyWith(base, field.path, raw), names });
  const accepted = (raw: string) => contract.accepts(field.place, JSON.parse(raw));
  const all = values.map((raw) => attempt(raw, raw, accepted(raw) ? undefined : name));
  // Free objects and lists keep what they are given, at any depth that the whole body may have.
  all.push(
    attempt("too long", long, accepted(long) ? undefined : name),
    attempt("nested deeply", deep, field.path[0]),
    attempt("NUL", nul, name),
    attempt("no UTF-8", brokenBytes, name),
    attempt("half a pair", halfPair, name),
    attempt("twice", `1,"${last}":2`, name),
    attempt("missing", undefined, field.required ? name : undefined),
  );
  return all;
}

const marker = "@@here@@";
function bodyWith(base: object, path: string[], raw: string | undefined): Bytes {
  const body: any = structuredClone(base);
  let at = body;
  for (const step of path.slice(0, -1)) at = at[step] = typeof at[step] === "object" && at[step] !== null && !Array.isArray(at[step]) ? at[step] : {};
  if (raw === undefined) delete at[path.at(-1)!];
  else at[path.at(-1)!] = marker;
  return latin1(JSON.stringify(body).replace(`"${marker}"`, () => raw ?? ""));
}

const latin1 = (text: string): Bytes => Uint8Array.from(Buffer.from(text, "latin1"));

function bodyAttempts(): Attempt[] {
  const wrong = ["[]", "7", '"x"', "null", "{", "\xff", "{}x", "[".repeat(600) + "]".repeat(600), "nul"];
  const all: Attempt[] = wrong.map((text) => ({ what: `the body ${text.slice(0, 20)}`, body: latin1(text), names: "body" }));
  all.push({ what: "an unknown field twice", body: latin1('{"unknown":1,"unknown":2}'), names: "unknown" });
  all.push({ what: "an unknown field too deep", body: latin1(`{"unknown":${deep}}`), names: "unknown" });
  all.push({ what: "half a field", body: latin1('{"a":}'), names: "a" });
  all.push({ what: "no fields", body: latin1("{}") });
  all.push({ what: "no body", body: latin1("") });
  all.push({ what: "too large", body: latin1(`{"a":"${"x".repeat(1_100_000)}"}`) });
  all.push({ what: "many fields", body: latin1(`{${Array.from({ length: 20_000 }, (_, i) => `"f${i}":${i}`).join(",")}}`) });
  return all;
}

function pathAttempts(operation: Operation): Attempt[] {
  const parameters = (operation.parameters ?? []).filter((each) => each.in === "path");
  return parameters.flatMap(({ name }) => [
    ...["%00", "%FF", "%zz", "a%0Ab%00", "x".repeat(201)].map((text) => ({ what: `${name}: ${text.slice(0, 20)}`, path: { [name]: text }, names: name })),
    ...["%2F", "'%20OR%201=1", "%F0%9F%98%80", "a%3Fb", "*", "_"].map((text) => ({ what: `${name}: ${text}`, path: { [name]: text } })),
  ]);
}

function queryAttempts(contract: Contract, operation: Operation): Attempt[] {
  return (operation.parameters ?? []).flatMap((parameter, index) => {
    if (parameter.in !== "query") return [];
    const { name, schema } = parameter;
    const place = `${placeOf(operation)}/parameters/${index}/schema`;
    const read = (text: string) => (schema.type === "integer" && /^-?\d+$/.test(text) ? Number(text) : schema.type === "boolean" && /^(true|false)$/.test(text) ? text === "true" : text);
    const attempt = (text: string, mustBeNamed: boolean): Attempt => ({ what: `${name}=${text.slice(0, 20)}`, query: `${name}=${text}`, names: mustBeNamed ? name : undefined });
    return [
      ...["nonsense", "-1", "0", "1.5", "9".repeat(30), "true", "x".repeat(10_001)].map((text) => attempt(text, !contract.accepts(place, read(text)))),
      ...["%00", "a%00b", "%FF"].map((text) => attempt(text, true)),
      ...["", "%", "%zz", "+", "'%20OR%201=1"].map((text) => attempt(text, false)),
      { what: `${name} twice`, query: `${name}=1&${name}=1`, names: name },
    ];
  });
}

function headerAttempts(operation: Operation): Attempt[] {
  const all: Attempt[] = [{ what: "a broken user agent", headers: { "user-agent": "\xff\xfe" } }];
  if (operation.security.length > 0) all.push({ what: "a broken token", headers: { authorization: "Bearer \xff", "x-api-key": "\xff" } });
  if (operation.security.length > 0) all.push({ what: "a long token", headers: { authorization: `Bearer ${"x".repeat(5_000)}`, "x-api-key": "x".repeat(5_000) } });
  return all;
}
