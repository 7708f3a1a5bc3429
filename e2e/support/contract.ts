// The OpenAPI document as a judge: which operation a call is, and whether an answer is one that it describes.
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";

export interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: "path" | "query" | "header"; required?: boolean; schema: any }[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: any; example?: any }> };
  responses: Record<string, any>;
  security: Record<string, string[]>[];
  "x-aliases"?: string[];
  method: string;
  path: string;
}

/** Who may call it: nobody in particular, a person, an admin, or the holder of an API key. */
export type Caller = "anyone" | "person" | "admin" | "key";

export class Contract {
  readonly operations: Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(readonly document: any) {
    addFormats(this.ajv);
    this.ajv.addFormat("int64", { type: "number", validate: Number.isSafeInteger });
    this.ajv.addSchema({ $id: "closed", ...closed(document) });
    this.ajv.addSchema({ $id: "open", ...document });
    this.operations = Object.entries<any>(document.paths).flatMap(([path, item]) =>
      Object.entries<any>(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    );
  }

  static async of(url: string): Promise<Contract> {
    return new Contract(await (await fetch(`${url}/openapi.json`)).json());
  }

  operation(id: string): Operation {
    const found = this.operations.find((each) => each.operationId === id);
    if (!found) throw new Error(`the document has no operation ${id}`);
    return found;
  }

  /** Of a call that was made: the path with or without its query, under /client too. */
  find(method: string, path: string): Operation | undefined {
    const asked = path.split("?")[0]!.replace(/^\/client\//, "/api/client/").replace(/(.)\/$/, "$1");
    const fits = (template: string) => new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(asked);
    const candidates = this.operations.filter((each) => each.method === method && [each.path, ...(each["x-aliases"] ?? [])].some(fits));
    // "/keys/verify" before "/keys/{id}"
    return candidates.find((each) => !each.path.includes("{")) ?? candidates[0];
  }

  callerOf(operation: Operation): Caller {
    const schemes = operation.security.flatMap((each) => Object.keys(each));
    if (schemes.includes("apiKey")) return "key";
    if (!schemes.includes("bearer")) return "anyone";
    return operation.path.startsWith("/api/admin") ? "admin" : "person";
  }

  /** What is wrong with an answer; empty: nothing. A field that the document does not have is wrong too. */
  problemsOf(operation: Operation, answer: { status: number; headers: Headers; text: string }): string[] {
    const status = operation.responses[answer.status] ? String(answer.status) : "default";
    const [where, response] = this.follow(`${placeOf(operation)}/responses/${status}`, operation.responses[status]);
    if (!response) return [`status ${answer.status} is not in the document: ${answer.text.slice(0, 300)}`];
    const problems: string[] = [];
    for (const [name, header] of Object.entries<any>(response.headers ?? {})) {
      const optional = ["Deprecation", "x-should-retry", "x-relay-cache", "Location"].includes(name) || /ratelimit/.test(header.$ref);
      if (!optional && answer.headers.get(name) === null) problems.push(`the header ${name} is missing`);
    }
    if (status === "default") return [];
    if (!response.content) return answer.text === "" ? problems : [...problems, `a body that the document does not have: ${answer.text.slice(0, 300)}`];
    const type = (answer.headers.get("content-type") ?? "").split(";")[0]!;
    const content = response.content[type];
    if (!content) return [...problems, `the media type ${type} is not in the document`];
    if (type !== "application/json" || !content.schema) return problems;
    let body: unknown;
    try {
      body = JSON.parse(answer.text);
    } catch {
      return [...problems, `no JSON: ${answer.text.slice(0, 300)}`];
    }
    const validate = this.compile("closed", `${where}/content/${pointer(type)}/schema`);
    if (!validate(body)) {
      problems.push(...validate.errors!.map((error) => `${error.instancePath || "the answer"} ${error.message} ${JSON.stringify(error.params)}`));
    }
    return problems;
  }

  /** Whether a request's value fits the schema that stands at the place of the document. */
  accepts(place: string, value: unknown): boolean {
    return this.compile("open", place)(value) as boolean;
  }

  /** The node at a place of the document, and the place where it really stands. "Or null" is looked through. */
  locate(place: string): [string, any] {
    const [at, node] = this.follow(place, this.at(place));
    const real = node?.anyOf?.findIndex((each: any) => each.type !== "null") ?? -1;
    if (real >= 0) return this.locate(`${at}/anyOf/${real}`);
    if (node?.allOf?.length !== 1) return [at, node];
    const [inner, whole] = this.locate(`${at}/allOf/0`);
    return [inner, { ...whole, required: [...(whole.required ?? []), ...(node.required ?? [])] }];
  }

  private at(place: string): any {
    const steps = place.slice(2).split("/").map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"));
    return steps.reduce((node: any, step) => node?.[step], this.document);
  }
  private follow(at: string, node: any): [string, any] {
    while (node?.$ref) {
      at = node.$ref;
      node = this.at(at);
    }
    return [at, node];
  }

  private compile(form: "open" | "closed", place: string): ValidateFunction {
    const key = `${form}${place}`;
    let known = this.compiled.get(key);
    if (!known) this.compiled.set(key, (known = this.ajv.compile({ $ref: `${form}${encodeURI(place)}` })));
    return known;
  }
}

/** Where an operation stands in the document. */
export const placeOf = (operation: Operation) => `#/paths/${pointer(operation.path)}/${operation.method.toLowerCase()}`;

/** One step of a JSON pointer. */
export const pointer = (step: string) => step.replace(/~/g, "~0").replace(/\//g, "~1");

/** The same document with every object that lists its properties taking no others. */
function closed(node: any): any {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const copy: any = {};
  for (const [key, value] of Object.entries<any>(node)) copy[key] = key === "properties" ? closedProperties(value) : closed(value);
  // Parts of an allOf see each other's properties as strange ones; the first is the whole, and closed.
  if (copy.properties && copy.type !== undefined) copy.additionalProperties = false;
  for (const part of copy.allOf ?? []) delete part.additionalProperties;
  return copy;
}

function closedProperties(properties: any): any {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, closed(schema)]));
}
