// Files, batches and stored responses through the official SDKs: each only for whoever made it, and what a batch used
// is recorded once, when its results are read.
import Anthropic0 from "anthropic-sdk-0";
import Anthropic1 from "anthropic-sdk-1";
import OpenAI, { toFile } from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { messagesRequest } from "../support/answers";
import { Person } from "../support/people";
import { useRelay, useSimulate } from "../support/use";

const up = useSimulate();
const relayed = useRelay(() => ({ upstream: up.simulate.url }));
let ann: Person;
let bob: Person;
beforeEach(async () => {
  ann = await Person.register(relayed.relay);
  bob = await Person.register(relayed.relay);
});
const all = async <T>(items: AsyncIterable<T>) => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const notFound = { status: 404 };
const noSuchResponse = { status: 400, param: "previous_response_id", code: "previous_response_not_found" };
const openai = (key: any) => new OpenAI({ apiKey: key.key, baseURL: `${relayed.relay.url}/v1`, maxRetries: 0 });

describe.each([
  ["0.137.0", Anthropic0 as any],
  ["1.12.0", Anthropic1 as any],
])("@anthropic-ai/sdk %s", (_, Anthropic) => {
  const client = (key: any) => new Anthropic({ apiKey: key.key, baseURL: relayed.relay.url, maxRetries: 0 });
  const requests = ["one", "two", "three"].map((name) => ({ custom_id: name, params: messagesRequest({ model: name === "three" ? "sim-unknown" : "claude-sonnet-5-5", messages: [{ role: "user", content: name }] }) }));

  test("a batch is its maker's alone, and its usage is recorded once, at half the price", async () => {
    const key = await ann.key({ rateLimit: { tokensPerDay: 1_000_000 } });
    const batches = client(key).messages.batches;
    const made = await batches.create({ requests });
    expect(made).toMatchObject({ type: "message_batch", processing_status: "in_progress", results_url: null });
    const ended = await batches.retrieve(made.id);
    expect(ended).toMatchObject({ processing_status: "ended", results_url: `${relayed.relay.url}/v1/messages/batches/${made.id}/results` });

    const read = async () => all<any>(await batches.results(made.id));
    const broken = batches.results(made.id, { headers: { "x-simulate": "cut=500b" } }).then((results: any) => all(results));
    await broken.catch(() => undefined); // what came of it counts; the next reader completes it
    const [first, second] = await Promise.all([read(), read()]);
    expect(second).toEqual(first);
    expect(first.map((line: any) => [line.custom_id, line.result.type])).toEqual([["one", "succeeded"], ["two", "succeeded"], ["three", "errored"]]);

    let input = 0;
    let output = 0;
    for (const line of first.slice(0, 2)) {
      input += line.result.message.usage.input_tokens;
      output += line.result.message.usage.output_tokens;
    }
    // At once, though lines were read three times, and against the maker's limits.
    const { limits } = (await ann.get(`/keys/${key.id}/limits`)).body.data;
    expect(limits.find((limit: any) => limit.of === "key" && limit.name === "tokensPerDay").used).toBe(input + output);
    await ann.usage(key.id, 2);
    expect(await read()).toEqual(first);
    const { totals } = await ann.usage(key.id, 2);
    expect(totals.tokens).toMatchObject({ input, output });
    // claude-sonnet-5-5 in a batch: 1 and 5 USD per million tokens.
    expect(Number(totals.cost)).toBeCloseTo((input * 1 + output * 5) / 1e6, 9);

    const others = client(await bob.key()).messages.batches;
    for (const call of [() => others.retrieve(made.id), () => others.cancel(made.id), () => others.delete(made.id), () => others.results(made.id)]) await expect(call()).rejects.toMatchObject(notFound);
    expect((await all<any>(others.list())).map((batch) => batch.id)).not.toContain(made.id);
    await expect(all(others.list({ after_id: made.id }))).rejects.toMatchObject(notFound);

    const more = await batches.create({ requests: requests.slice(0, 1) });
    expect((await all<any>(batches.list({ limit: 1 }))).map((batch) => batch.id).slice(0, 2)).toEqual([more.id, made.id]);
    const page = await batches.list({ limit: 1, before_id: made.id });
    expect(page).toMatchObject({ has_more: false, first_id: more.id, last_id: more.id });
    expect((await batches.cancel(more.id)).id).toBe(more.id);
    await batches.delete(more.id);
    await expect(batches.retrieve(more.id)).rejects.toMatchObject(notFound);
  });

  test("files are their maker's alone, and so is naming them", async () => {
    const key = await ann.key();
    const files = client(key).beta.files;
    const uploaded = await files.upload({ file: new File(["some text"], "notes.txt", { type: "text/plain" }) });
    expect(await files.retrieveMetadata(uploaded.id)).toMatchObject({ id: uploaded.id, size_bytes: 9 });
    expect(await (await files.download(uploaded.id)).text()).toBe("some text");
    const second = await files.upload({ file: new File(["more"], "more.txt", { type: "text/plain" }) });
    expect((await all<any>(files.list({ limit: 1 }))).map((file) => file.id).slice(0, 2)).toEqual([second.id, uploaded.id]);

    const naming = (id: string) => messagesRequest({ messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: id } }, { type: "text", text: "what is in it?" }] }] });
    await client(key).beta.messages.create(naming(uploaded.id));
    const other = client(await bob.key());
    await expect(other.beta.messages.create(naming(uploaded.id))).rejects.toMatchObject({ ...notFound, error: { error: { type: "not_found_error", message: expect.stringContaining("file_id") } } });
    for (const call of [() => other.beta.files.retrieveMetadata(uploaded.id), () => other.beta.files.download(uploaded.id), () => other.beta.files.delete(uploaded.id)]) await expect(call()).rejects.toMatchObject(notFound);
    expect((await all<any>(other.beta.files.list())).map((file) => file.id)).not.toContain(uploaded.id);
    await files.delete(uploaded.id);
    await expect(files.retrieveMetadata(uploaded.id)).rejects.toMatchObject(notFound);
  });
});

describe("openai", () => {
  const line = (name: string, body: object) => JSON.stringify({ custom_id: name, method: "POST", url: "/v1/chat/completions", body });
  const chat = (model: string, content: string) => ({ model, messages: [{ role: "user", content }] });
  const lines = [line("one", chat("gpt-4.1", "hello")), line("two", chat("sim-unknown", "hello")), line("three", chat("gpt-4.1", "hello once more"))].join("\n");
  const upload = async (client: OpenAI, text = lines) => client.files.create({ purpose: "batch", file: await toFile(Buffer.from(text), "batch.jsonl") });
  const batchOf = (id: string) => ({ input_file_id: id, endpoint: "/v1/chat/completions" as const, completion_window: "24h" as const });

  test("files and batches are their maker's alone, and a batch's usage is recorded once, at half the price", async () => {
    const key = await ann.key();
    const client = openai(key);
    const file = await upload(client);
    expect(await (await client.files.content(file.id)).text()).toBe(lines);
    const batch = await client.batches.create(batchOf(file.id));
    expect(batch.status).toBe("in_progress");
    const { output_file_id: output } = await client.batches.retrieve(batch.id);

    const [first, second] = await Promise.all([client.files.content(output!), client.files.content(output!)].map(async (content) => (await content).text()));
    expect(second).toBe(first);
    const usages = first!.trim().split("\n").map((text) => JSON.parse(text)).filter((each) => each.response.status_code === 200).map((each) => each.response.body.usage);
    expect(usages).toHaveLength(2);
    await ann.usage(key.id, 2);
    await client.files.content(output!);
    const { totals } = await ann.usage(key.id, 2);
    const sum = (kind: string) => usages.reduce((all, usage) => all + usage[kind], 0);
    expect(totals.tokens).toMatchObject({ input: sum("prompt_tokens"), output: sum("completion_tokens") });
    // gpt-4.1 in a batch: 1 and 4 USD per million tokens.
    expect(Number(totals.cost)).toBeCloseTo((sum("prompt_tokens") * 1 + sum("completion_tokens") * 4) / 1e6, 9);

    const other = openai(await bob.key());
    const refused = [
      () => other.files.retrieve(file.id),
      () => other.files.content(file.id),
      () => other.files.content(output!),
      () => other.files.delete(file.id),
      () => other.batches.retrieve(batch.id),
      () => other.batches.cancel(batch.id),
    ];
    for (const call of refused) await expect(call()).rejects.toMatchObject(notFound);
    await expect(other.batches.create(batchOf(file.id))).rejects.toMatchObject({ ...notFound, param: "input_file_id" });
    expect(await all(other.files.list())).toEqual([]);
    expect(await all(other.batches.list())).toEqual([]);

    expect((await all(client.batches.list({ limit: 1 }))).map((each) => each.id)).toEqual([batch.id]);
    expect((await all(client.files.list({ limit: 1, order: "asc" }))).map((each) => each.id)).toEqual(expect.arrayContaining([file.id, output]));
    expect((await all(client.files.list({ purpose: "batch" }))).map((each) => each.id)).toEqual([file.id]);
    expect((await client.batches.cancel(batch.id)).id).toBe(batch.id);
    await client.files.delete(file.id);
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject(notFound);
  });

  test("a key that may use some models only makes no batch of others", async () => {
    const client = openai(await ann.key({ models: ["gpt-5*"] }));
    await expect(upload(client)).rejects.toMatchObject({ status: 403 });
    const allowed = await upload(client, line("one", chat("gpt-5.5", "hello")));
    expect((await client.batches.create(batchOf(allowed.id))).id).toMatch(/^batch_/);
    const mixed = await upload(openai(await ann.key()));
    await expect(client.batches.create(batchOf(mixed.id))).rejects.toMatchObject({ status: 403 });
  });

  test("stored responses are their maker's alone, and so is going on from them", async () => {
    const client = openai(await ann.key());
    const other = openai(await bob.key());
    const ask = { model: "gpt-5.5", input: "hello", store: true };
    const stream = await client.responses.create({ ...ask, stream: true });
    let streamed = "";
    for await (const event of stream) if (event.type === "response.completed") streamed = event.response.id;
    for (const id of [streamed, (await client.responses.create(ask)).id]) {
      expect((await client.responses.retrieve(id)).id).toBe(id);
      const kinds = (await all<any>(await client.responses.retrieve(id, { stream: true }))).map((event) => event.type);
      expect(kinds.at(-1)).toBe("response.completed");
      expect(await all(client.responses.inputItems.list(id))).toEqual([]);
      expect((await client.responses.create({ ...ask, previous_response_id: id })).id).toMatch(/^resp_/);
      expect((await client.responses.cancel(id)).id).toBe(id);
      for (const call of [() => other.responses.retrieve(id), () => other.responses.delete(id), () => other.responses.cancel(id)]) await expect(call()).rejects.toMatchObject(notFound);
      await expect(other.responses.create({ ...ask, previous_response_id: id })).rejects.toMatchObject(noSuchResponse);
      await client.responses.delete(id);
      await expect(client.responses.retrieve(id)).rejects.toMatchObject(notFound);
    }
    // Made past the relay: its provider answers for it.
    expect((await client.responses.create({ ...ask, previous_response_id: "resp_elsewhere" })).status).toBe("completed");
  });
});
