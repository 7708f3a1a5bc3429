// The provider's routes for files, batches and kept responses.
#include "http/multipart.h"
#include "simulate/object_answer.h"
#include "simulate/provider.h"
#include "simulate/provider_call.h"
#include "simulate/wire_text.h"

#include <algorithm>

namespace relay::simulate {
namespace {

constexpr std::string_view kFiles = "/v1/files";
constexpr std::string_view kMessageBatches = "/v1/messages/batches";
constexpr std::string_view kBatches = "/v1/batches";
constexpr std::string_view kResponses = "/v1/responses";

/// A path behind its collection: an id and what is done with it.
struct ObjectPlace {
  std::string_view collection;  // empty: it is none of these
  std::string_view id;
  std::string_view rest;  // "/cancel"
};

ObjectPlace place_of(std::string_view path) {
  for (const auto collection : {kMessageBatches, kFiles, kBatches, kResponses}) {
    if (path == collection) return {collection, {}, {}};
    if (!path.starts_with(collection) || path[collection.size()] != '/') continue;
    const auto tail = path.substr(collection.size() + 1);
    const auto end = std::min(tail.find('/'), tail.size());
    return {collection, tail.substr(0, end), tail.substr(end)};
  }
  return {};
}

}  // namespace

bool Provider::serve_object(Call& call) {
  const auto place = place_of(call.head.path());
  const auto method = call.head.method();
  auto& answer = call.turn.answer;
  if (place.collection.empty() || (place.collection == kResponses && place.id.empty())) return false;
  answer.dialect = call.dialect;
  if (place.id.empty() && method == "POST") {
    if (place.collection == kFiles) return keep_file(call), true;
    return place.collection == kMessageBatches ? keep_message_batch(call) : keep_batch(call), true;
  }
  if (place.id.empty() && method == "GET") {
    answer.body = objects_list_body(call.dialect, state_.objects.list(place.collection, call.dialect));
    return true;
  }
  const auto object = state_.objects.find(place.collection, call.dialect, place.id);
  if (object == nullptr) return fail(call, 404), true;
  if (method == "DELETE" && place.rest.empty()) {
    state_.objects.remove(place.collection, call.dialect, place.id);
    answer.body = deleted_body(*object);
  } else if (method == "GET" && (place.rest == "/content" || place.rest == "/results")) {
    answer.body = object->content;
    answer.content_type = place.rest == "/results" ? "application/x-jsonl" : "application/octet-stream";
  } else if (method == "GET" && place.rest == "/input_items") {
    answer.body = R"({"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false})";
  } else if (method == "GET" && place.rest.empty() && object->reply) {
    auto reply = *object->reply;
    reply.prompt.stream = call.head.query().find("stream=true") != std::string_view::npos;
    answer = responses_answer(std::move(reply));
  } else if ((method == "GET" && place.rest.empty()) || (method == "POST" && place.rest == "/cancel")) {
    answer.body = object->body;
  } else {
    fail(call, 405, {}, "Method Not Allowed");
  }
  return true;
}

void Provider::keep_file(Call& call) {
  const auto parts = parse_multipart(call.head.value(KnownField::content_type), call.body);
  if (!parts) return fail(call, 400, {}, "The body is not multipart/form-data.");
  KeptObject object{.collection = std::string(kFiles), .dialect = call.dialect};
  std::string_view purpose;
  for (const auto& part : *parts) {
    if (part.name == "file") object.content = part.content;
    if (part.name == "purpose") purpose = part.content;
  }
  object.id = (call.dialect == Dialect::anthropic ? "file_" : "file-") + next_id();
  object.body =
      file_body(call.dialect,
                {.id = object.id, .purpose = purpose, .bytes = object.content.size(), .created_s = now_s()});
  call.turn.answer.body = object.body;
  state_.objects.put(std::move(object));
}

// One request of a batch, answered as if it came by itself. The status and the body.
Answer Provider::answer_one(Dialect dialect, std::string_view path, std::string_view body) {
  const auto refused = [&](const Error& error) {
    return provider_error(dialect, 400, {}, error.message(), "req_batch");
  };
  if (index_.read(body) != JsonFault::none)
    return provider_error(dialect, 400, {}, "The request is not valid JSON.", "req_batch");
  auto read = read_prompt(path, index_.root());
  if (read.has_error()) return refused(read.error());
  auto prompt = *std::move(read);
  prompt.stream = false;
  const Shape shape;
  auto reply = make_reply(std::move(prompt), shape, next_id(), now_s());
  if (path == "/v1/messages") return messages_answer(std::move(reply));
  if (path == "/v1/chat/completions") return chat_answer(std::move(reply));
  if (path == "/v1/completions") return completions_answer(std::move(reply));
  return responses_answer(std::move(reply));
}

void Provider::keep_message_batch(Call& call) {
  JsonIndex batch;
  if (batch.read(call.body) != JsonFault::none ||
      batch.root().find("requests").kind() != JsonValue::Kind::array)
    return fail(call, 400, {}, "requests: Field required");
  KeptObject object{.collection = std::string(kMessageBatches), .dialect = Dialect::anthropic};
  object.id = "msgbatch_" + next_id();
  BatchCounts counts;
  batch.root().find("requests").each_element([&](JsonValue request) {
    const auto answer = answer_one(Dialect::anthropic, "/v1/messages", request.find("params").raw());
    const bool passed = answer.status == 200;
    ++(passed ? counts.succeeded : counts.failed);
    append(object.content, R"({"custom_id":)", request.find("custom_id").raw(), R"(,"result":{"type":")",
           passed ? R"(succeeded","message":)" : R"(errored","error":)", answer.body, "}}\n");
  });
  std::string url = "http://";
  append(url, call.head.host(), kMessageBatches, "/", object.id, "/results");
  object.body = message_batch_body(object.id, now_s(), counts, url);
  call.turn.answer.body = message_batch_body(object.id, now_s(), counts, {});
  state_.objects.put(std::move(object));
}

void Provider::keep_batch(Call& call) {
  JsonIndex request;
  if (request.read(call.body) != JsonFault::none) return fail(call, 400, {}, "The body is not JSON.");
  std::string scratch;
  const std::string input_id(request.root().find("input_file_id").string(scratch).value_or(""));
  const std::string endpoint(request.root().find("endpoint").string(scratch).value_or(""));
  const auto input = state_.objects.find(kFiles, Dialect::openai, input_id);
  if (input == nullptr) return fail(call, 400, {}, "Invalid input_file_id", "input_file_id");
  KeptObject output{.id = "file-" + next_id(), .collection = std::string(kFiles), .dialect = Dialect::openai};
  OpenaiBatch batch{.id = "batch_" + next_id(), .endpoint = endpoint, .input_file_id = input_id};
  batch.created_s = now_s();
  std::string_view lines = input->content;
  JsonIndex line_index;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line_index.read(line) != JsonFault::none) continue;
    const auto custom_id = line_index.root().find("custom_id").raw();
    const auto answer = answer_one(Dialect::openai, endpoint, line_index.root().find("body").raw());
    ++(answer.status == 200 ? batch.counts.succeeded : batch.counts.failed);
    append(output.content, R"({"id":"batch_req_)", next_id(), R"(","custom_id":)", custom_id,
           R"(,"response":{"status_code":)", answer.status, R"(,"request_id":"req_)", next_id(),
           R"(","body":)", answer.body, R"(},"error":null})", "\n");
  }
  call.turn.answer.body = openai_batch_body(batch);
  batch.output_file_id = output.id;
  output.body = file_body(Dialect::openai, {.id = output.id,
                                            .purpose = "batch_output",
                                            .bytes = output.content.size(),
                                            .created_s = batch.created_s});
  KeptObject kept{.id = batch.id, .collection = std::string(kBatches), .dialect = Dialect::openai};
  kept.body = openai_batch_body(batch);
  state_.objects.put(std::move(output));
  state_.objects.put(std::move(kept));
}

void Provider::keep_response(const Reply& reply) {
  KeptObject object{
      .id = "resp_" + reply.id, .collection = std::string(kResponses), .dialect = Dialect::openai};
  auto copy = reply;
  copy.prompt.stream = false;
  object.body = responses_answer(copy).body;
  object.reply = std::move(copy);
  state_.objects.put(std::move(object));
}

std::int64_t Provider::now_s() const { return clock_.now().time_since_epoch().count() / 1000; }

}  // namespace relay::simulate
