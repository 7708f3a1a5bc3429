// Draws /openapi.json. Every text goes in as text, never as markup.
"use strict";

let api;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

/** `code` and **strong** of a description. */
function words(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
    return part;
  });
}

const paragraphs = (text) => text.split("\n\n").map((part) => make("p", {}, words(part)));

function resolve(node) {
  while (node?.$ref) {
    const { $ref, ...beside } = node;
    node = { ...$ref.slice(2).split("/").reduce((at, key) => at[key], api), ...beside };
  }
  return node;
}

/** One schema without references, "or null" and "all of" taken together. */
function flatten(schema) {
  schema = resolve(schema) ?? {};
  if (schema.anyOf) {
    const { anyOf, ...beside } = schema;
    const real = anyOf.map(resolve).filter((each) => each.type !== "null");
    if (real.length === 1) return { ...flatten(real[0]), ...beside, nullable: true };
  }
  if (schema.allOf) {
    const parts = schema.allOf.map(flatten);
    const properties = {};
    for (const part of parts) {
      for (const [name, field] of Object.entries(part.properties ?? {})) {
        properties[name] = { ...(properties[name] ? flatten(properties[name]) : {}), ...field };
      }
    }
    return { ...schema, type: "object", properties, required: [schema, ...parts].flatMap((part) => part.required ?? []) };
  }
  return schema;
}

function typeOf(schema) {
  const flat = flatten(schema);
  const types = [flat.type ?? (flat.oneOf ? "one of several" : flat.const !== undefined ? typeof flat.const : "any")].flat();
  const named = types.map((type) => (type === "array" ? `list of ${typeOf(flat.items ?? {})}` : flat.format && type !== "null" && flat.format !== "int64" ? `${type}, ${flat.format}` : type));
  if (flat.nullable) named.push("null");
  return named.join(" or ");
}

function rulesOf(schema) {
  const flat = flatten(schema);
  const rules = [];
  const quoted = (values) => values.filter((value) => value !== null).map((value) => JSON.stringify(value)).join(", ");
  if (flat.const !== undefined) rules.push(`always ${JSON.stringify(flat.const)}`);
  if (flat.enum) rules.push(`one of ${quoted(flat.enum)}`);
  if (flat.items?.enum) rules.push(`of ${quoted(flat.items.enum)}`);
  if (flat.minLength !== undefined || flat.maxLength !== undefined) rules.push(`${flat.minLength ?? 0} to ${flat.maxLength ?? "any number of"} characters`);
  if (flat.minimum !== undefined || flat.maximum !== undefined) rules.push(`${flat.minimum ?? "…"} to ${flat.maximum ?? "…"}`);
  if (flat.maxItems !== undefined) rules.push(`at most ${flat.maxItems} entries`);
  if (flat.default !== undefined) rules.push(`by default ${JSON.stringify(flat.default)}`);
  if (flat.examples?.length) rules.push(`e.g. ${JSON.stringify(flat.examples[0])}`);
  return rules.join(" · ");
}

function fieldRow(name, schema, required, place) {
  const flat = flatten(schema);
  const inner = flat.type === "array" ? flatten(flat.items ?? {}) : flat;
  const nested = inner.properties && Object.keys(inner.properties).length > 0;
  const rules = rulesOf(schema);
  return make("tr", {},
    make("td", {}, make("code", {}, name),
      required && make("span", { class: "flag" }, "required") || "",
      flat.deprecated ? make("span", { class: "flag old" }, "deprecated") : "",
      make("div", { class: "type" }, place ? `${place}, ${typeOf(schema)}` : typeOf(schema))),
    make("td", {}, flat.description ? words(flat.description) : "",
      rules ? make("div", { class: "rules" }, rules) : "",
      nested ? lazily("its fields", () => fieldTable(inner)) : ""));
}

function fieldTable(schema) {
  const flat = flatten(schema);
  const required = new Set(flat.required ?? []);
  return make("table", {}, make("tbody", {}, Object.entries(flat.properties ?? {}).map(([name, field]) => fieldRow(name, field, required.has(name)))));
}

/** Drawn when it is opened first: a struct may be nested in a dozen answers. */
function lazily(title, draw, attributes = {}) {
  const details = make("details", attributes, make("summary", {}, title));
  details.addEventListener("toggle", () => details.open && details.children.length === 1 && details.append(draw()), { once: true });
  return details;
}

function codeBlock(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return make("pre", {}, make("code", {}, text), button);
}

function curlOf(method, path, operation) {
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}${location.origin}${path}`];
  const scheme = Object.keys(operation.security?.[0] ?? {})[0];
  if (scheme === "bearer") lines.push(`-H "authorization: Bearer $TOKEN"`);
  if (scheme === "apiKey") lines.push(`-H "x-api-key: $API_KEY"`);
  const body = operation.requestBody?.content?.["application/json"];
  if (body) {
    lines.push(`-H "content-type: application/json"`);
    lines.push(`-d '${JSON.stringify(body.example ?? {})}'`);
  }
  return lines.join(" \\\n  ");
}

function whoMay(operation) {
  const schemes = (operation.security ?? []).flatMap((each) => Object.keys(each));
  if (schemes.includes("apiKey")) return "with an API key";
  if (schemes.includes("bearer")) return operation.tags?.includes("Admin") ? "with an admin's access token" : "with an access token";
  return "open to all";
}

function answerOf(status, response) {
  const answer = resolve(response);
  const first = Object.values(answer.content ?? {})[0];
  const tone = status < "400" ? "good" : status < "500" ? "bad" : "ours";
  const codes = flatten(first?.schema ?? {}).properties?.code?.enum ?? [];
  const title = [make("b", { class: status === "default" ? "bad" : tone }, status), ` ${answer.description}`, codes.length ? make("span", { class: "notice" }, ` — ${codes.join(", ")}`) : ""];
  const draw = () => {
    const headers = Object.entries(answer.headers ?? {});
    return make("div", {},
      first?.schema && flatten(first.schema).properties ? fieldTable(first.schema) : "",
      headers.length ? make("p", { class: "notice" }, "Headers: ", headers.map(([name], at) => [at ? ", " : "", make("code", {}, name)])) : "");
  };
  const details = lazily("", draw, { class: "answer" });
  details.firstElementChild.append(...title.filter(Boolean));
  return details;
}

function drawOperation(path, method, operation) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const section = make("section", { class: "operation", id: operation.operationId },
    make("h3", {}, make("a", { href: `#${operation.operationId}` }, operation.summary)),
    make("div", { class: "line" }, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path), make("span", { class: "who" }, whoMay(operation))),
    operation.description ? paragraphs(operation.description) : "");
  if (parameters.length > 0) {
    section.append(make("h4", {}, "Parameters"), make("table", {}, make("tbody", {}, parameters.map((each) =>
      fieldRow(each.name, { ...each.schema, description: each.description }, each.required, each.in)))));
  }
  if (body) section.append(make("h4", {}, "Body"), fieldTable(body));
  section.append(make("h4", {}, "Answers"), ...Object.entries(operation.responses).map(([status, response]) => answerOf(status, response)));
  section.append(lazily("As a curl command", () => codeBlock(curlOf(method, path, operation))));
  return section;
}

/** Everything that a search may find an operation by. */
function searchTextOf(path, method, operation) {
  const names = new Set();
  const visit = (schema, depth) => {
    const flat = flatten(schema);
    for (const [name, field] of Object.entries(flat.properties ?? {})) {
      names.add(name);
      for (const word of flatten(field).enum ?? []) names.add(String(word));
      if (depth < 3) visit(field, depth + 1);
    }
    if (flat.items && depth < 3) visit(flat.items, depth + 1);
  };
  for (const parameter of operation.parameters ?? []) names.add(resolve(parameter).name);
  for (const content of Object.values(operation.requestBody?.content ?? {})) visit(content.schema ?? {}, 0);
  for (const response of Object.values(operation.responses)) {
    for (const content of Object.values(resolve(response).content ?? {})) visit(content.schema ?? {}, 0);
  }
  return [method, path, operation.operationId, operation.summary, operation.description ?? "", ...names].join(" ").toLowerCase();
}

function draw() {
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  const list = make("details", { open: true }, make("summary", {}, "All operations"));
  const entries = [];
  const groups = [];
  main.replaceChildren(make("section", { class: "about", id: "about" },
    make("h1", {}, api.info.title, " API"), make("p", { class: "version" }, `Version ${api.info.version}. ${api.info.summary}.`), paragraphs(api.info.description)));
  const nothing = make("p", { class: "notice", id: "nothing", hidden: true }, "Nothing here has these words.");
  main.append(nothing);
  const operations = Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
  for (const tag of api.tags) {
    const own = operations.filter(({ operation }) => operation.tags?.includes(tag.name));
    if (own.length === 0) continue;
    const title = make("h2", {}, tag.name);
    const heading = make("div", {}, make("h2", { class: "tag" }, tag.name), make("p", { class: "notice" }, tag.description));
    list.append(title);
    main.append(heading);
    const group = { title, heading, entries: [] };
    for (const { path, method, operation } of own) {
      const section = drawOperation(path, method, operation);
      const link = make("a", { href: `#${operation.operationId}`, title: path }, make("span", { class: `method ${method}` }, method === "delete" ? "DEL" : method.toUpperCase()), make("span", {}, operation.operationId));
      const entry = { section, link, text: searchTextOf(path, method, operation) };
      list.append(link);
      main.append(section);
      group.entries.push(entry);
      entries.push(entry);
    }
    groups.push(group);
  }
  contents.replaceChildren(list);
  if (matchMedia("(max-width: 56rem)").matches) list.open = false;

  const search = document.getElementById("search");
  const about = document.getElementById("about");
  const filter = () => {
    const sought = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const entry of entries) {
      const found = sought.every((word) => entry.text.includes(word));
      entry.section.hidden = !found;
      entry.link.hidden = !found;
    }
    for (const group of groups) {
      const empty = group.entries.every((entry) => entry.section.hidden);
      group.title.hidden = empty;
      group.heading.hidden = empty;
    }
    about.hidden = sought.length > 0;
    nothing.hidden = entries.some((entry) => !entry.section.hidden);
  };
  search.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      filter();
    }
  });
  // The page was empty when the browser looked for the place.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function start() {
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    api = await answer.json();
    draw();
  } catch (error) {
    document.getElementById("status").textContent = `The description could not be loaded: ${error.message}`;
  }
}

void start();
