// How the operations on files, batches and stored responses answer.
import { messagesRequest } from "./answers";
import type { Call, Fixture, MakeCall } from "./calls";
import type { World } from "./world";

export const form = (parts: Record<string, string>) =>
  Object.entries(parts).map(([name, content]) => `--frontier\r\nContent-Disposition: form-data; name="${name}"${name === "file" ? '; filename="f.jsonl"' : ""}\r\n\r\n${content}\r\n`).join("") + "--frontier--\r\n";
const multipart = { "content-type": "multipart/form-data; boundary=frontier" };
const anthropic = { "anthropic-version": "2023-06-01" };

const messageBatch = { requests: [{ custom_id: "one", params: messagesRequest() }] };
const line = JSON.stringify({ custom_id: "one", method: "POST", url: "/v1/chat/completions", body: { model: "gpt-5.5", messages: [{ role: "user", content: "hi" }] } });
const batchFile = form({ purpose: "batch", file: line });
const batchOf = (fileId: string) => ({ input_file_id: fileId, endpoint: "/v1/chat/completions", completion_window: "24h" });

/** Somebody's object: their key, and its id. */
type Made = { secret: string; id: string };
const make = async (world: World, path: string, body: unknown, headers: object = {}, secret?: string): Promise<Made> => {
  const key = secret ?? (await world.keyOwner()).secret;
  const made = await world.relay.post(path, body, { "x-api-key": key, ...headers });
  if (made.status !== 200) throw new Error(made.text);
  return { secret: key, id: made.body.id };
};
const aMessageBatch = (world: World) => make(world, "/v1/messages/batches", messageBatch);
const aFile = (world: World) => make(world, "/v1/files", batchFile, multipart);
const aBatch = async (world: World) => {
  const file = await aFile(world);
  return make(world, "/v1/batches", batchOf(file.id), {}, file.secret);
};
const aResponse = (world: World) => make(world, "/v1/responses", { model: "gpt-5.5", input: "hi", store: true });

/** The id of a file that is not the caller's. */
export const somebodysFile = async (world: World) => (await aFile(world)).id;
export const naming = (id: string, body: object) => ({ ...body, messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: id } }] }] });

const withKey =
  (more: Call = {}, fields: object = {}): MakeCall =>
  async (world) => ({ key: (await world.keyOwner(fields)).secret, ...more });
const elsewhere = { ipWhitelist: ["192.0.2.0/24"] };

const one = (made: (world: World) => Promise<Made>, otherKind: object): Fixture => ({
  200: async (world) => {
    const { secret, id } = await made(world);
    return { key: secret, path: { id } };
  },
  403: [withKey({ path: { id: "x" } }, otherKind), withKey({ path: { id: "x" } }, elsewhere)],
  404: [
    async (world) => ({ key: (await world.keyOwner()).secret, path: { id: (await made(world)).id } }),
    withKey({ path: { id: "no%20id" } }),
  ],
});
const list = (otherKind: object, headers: Record<string, string> = {}): Fixture => ({
  200: [withKey({ headers }), withKey({ headers, query: "limit=1" })],
  400: withKey({ headers, query: "limit=0" }),
  403: withKey({ headers }, otherKind),
  404: withKey({ headers, query: "after_id=nothing_1" }),
});
const codexOnly = { permissions: ["codex"] };
const claudeOnly = { permissions: ["claude"] };

export const objectFixtures: Record<string, Fixture> = {
  createMessageBatch: {
    200: withKey({ body: messageBatch }),
    400: [withKey({ body: {} }), withKey({ body: "{" })],
    402: withKey({ body: messageBatch }, { budget: { total: "0" } }),
    403: [withKey({ body: messageBatch }, codexOnly), withKey({ body: messageBatch }, { models: ["nothing-*"] })],
    404: async (world) => ({ key: (await world.keyOwner()).secret, body: { requests: [{ custom_id: "one", params: naming(await somebodysFile(world), messagesRequest()) }] } }),
  },
  listMessageBatches: list(codexOnly),
  getMessageBatch: one(aMessageBatch, codexOnly),
  deleteMessageBatch: one(aMessageBatch, codexOnly),
  cancelMessageBatch: one(aMessageBatch, codexOnly),
  getMessageBatchResults: one(aMessageBatch, codexOnly),
  createFile: {
    200: [withKey({ body: batchFile, headers: multipart }), withKey({ body: form({ file: "text" }), headers: { ...multipart, ...anthropic } })],
    400: withKey({ body: {} }),
    403: [withKey({ body: batchFile, headers: multipart }, claudeOnly), withKey({ body: batchFile, headers: multipart }, { models: ["nothing-*"] })],
    404: async (world) => ({
      key: (await world.keyOwner()).secret,
      body: form({ purpose: "batch", file: line.replace('"hi"', `[{"type":"file","file":{"file_id":"${await somebodysFile(world)}"}}]`) }),
      headers: multipart,
    }),
    413: withKey({ body: form({ file: "x".repeat(3_000_000) }), headers: multipart }),
    415: withKey({ body: batchFile, headers: { ...multipart, "content-encoding": "compress" } }),
  },
  listFiles: { ...list(claudeOnly), 200: [withKey(), withKey({ headers: anthropic, query: "limit=1" }, claudeOnly)] },
  getFile: one(aFile, claudeOnly),
  deleteFile: one(aFile, claudeOnly),
  getFileContent: one(aFile, claudeOnly),
  createBatch: {
    200: async (world) => {
      const { secret, id } = await aFile(world);
      return { key: secret, body: batchOf(id) };
    },
    400: withKey({ body: {} }),
    402: withKey({ body: batchOf("file-1") }, { budget: { total: "0" } }),
    403: withKey({ body: batchOf("file-1") }, claudeOnly),
    404: async (world) => ({ key: (await world.keyOwner()).secret, body: batchOf((await aFile(world)).id) }),
  },
  listBatches: list(claudeOnly),
  getBatch: one(aBatch, claudeOnly),
  cancelBatch: one(aBatch, claudeOnly),
  getResponse: one(aResponse, claudeOnly),
  deleteResponse: one(aResponse, claudeOnly),
  cancelResponse: one(aResponse, claudeOnly),
  listResponseInputItems: one(aResponse, claudeOnly),
};
