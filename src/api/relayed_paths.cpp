#include "api/relayed_paths.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace relay {
namespace {

namespace json = boost::json;
using openapi::reference;
using openapi::text_schema;

enum class Form {
  generate,
  embed,
  count,
  list_models,
  one_model,
  websocket,
  new_file,
  new_batch,
  list_objects,
  one_object,
  content,
};

constexpr bool is_of_objects(Form form) { return form >= Form::new_file; }

struct Words {
  std::string_view call;
  std::string_view operation;
  std::string_view summary;
  Form form;
};

constexpr auto kWords = std::to_array<Words>({
    {"POST /v1/messages", "createMessage", "Anthropic Messages, streaming or not", Form::generate},
    {"POST /v1/messages/count_tokens", "countMessageTokens",
     "Count the tokens of a message; not billed, outside the concurrency limit. Of a model that is not "
     "Anthropic's it may be an estimate: then x-relay-estimated is true",
     Form::count},
    {"POST /v1/completions", "createCompletion", "OpenAI Completions, streaming or not", Form::generate},
    {"POST /v1/chat/completions", "createChatCompletion", "OpenAI Chat Completions, streaming or not",
     Form::generate},
    {"POST /v1/embeddings", "createEmbeddings", "OpenAI Embeddings", Form::embed},
    {"POST /v1/responses", "createResponse", "OpenAI Responses, streaming or not", Form::generate},
    {"POST /v1/responses/compact", "compactResponse", "Shorten the context of OpenAI Responses",
     Form::generate},
    {"GET /v1/responses", "openResponsesWebSocket",
     "OpenAI Responses over a WebSocket: each response.create message is a call. 426 where it is off",
     Form::websocket},
    {"GET /v1/models", "listModels", "The models that this key may use, of both providers",
     Form::list_models},
    {"GET /v1/models/{id}", "getModel", "One model that this key may use", Form::one_model},
    {"POST /v1/messages/batches", "createMessageBatch", "Anthropic: make a batch of messages",
     Form::new_batch},
    {"GET /v1/messages/batches", "listMessageBatches", "Anthropic: your batches", Form::list_objects},
    {"GET /v1/messages/batches/{id}", "getMessageBatch", "Anthropic: one of your batches", Form::one_object},
    {"DELETE /v1/messages/batches/{id}", "deleteMessageBatch", "Anthropic: delete one of your batches",
     Form::one_object},
    {"POST /v1/messages/batches/{id}/cancel", "cancelMessageBatch", "Anthropic: cancel one of your batches",
     Form::one_object},
    {"GET /v1/messages/batches/{id}/results", "getMessageBatchResults",
     "Anthropic: the results of one of your batches; what they used is recorded when they are read, once",
     Form::content},
    {"POST /v1/files", "createFile", "Anthropic and OpenAI: upload a file", Form::new_file},
    {"GET /v1/files", "listFiles", "Anthropic and OpenAI: your files", Form::list_objects},
    {"GET /v1/files/{id}", "getFile", "Anthropic and OpenAI: one of your files", Form::one_object},
    {"DELETE /v1/files/{id}", "deleteFile", "Anthropic and OpenAI: delete one of your files",
     Form::one_object},
    {"GET /v1/files/{id}/content", "getFileContent",
     "Anthropic and OpenAI: what is in one of your files; of a batch's output, what it used is recorded, "
     "once",
     Form::content},
    {"POST /v1/batches", "createBatch", "OpenAI: make a batch of a file of yours", Form::new_batch},
    {"GET /v1/batches", "listBatches", "OpenAI: your batches", Form::list_objects},
    {"GET /v1/batches/{id}", "getBatch", "OpenAI: one of your batches", Form::one_object},
    {"POST /v1/batches/{id}/cancel", "cancelBatch", "OpenAI: cancel one of your batches", Form::one_object},
    {"GET /v1/responses/{id}", "getResponse", "OpenAI: one of your stored responses", Form::one_object},
    {"DELETE /v1/responses/{id}", "deleteResponse", "OpenAI: delete one of your stored responses",
     Form::one_object},
    {"POST /v1/responses/{id}/cancel", "cancelResponse", "OpenAI: cancel a response in the background",
     Form::one_object},
    {"GET /v1/responses/{id}/input_items", "listResponseInputItems",
     "OpenAI: what one of your stored responses was asked", Form::one_object},
});

const Words& words_of(const RelayedCall& call) {
  const auto name = call.method + " " + call.path;
  const auto found = std::ranges::find(kWords, name, &Words::call);
  if (found == kWords.end()) throw std::logic_error("api/relayed_paths.cpp does not describe " + name);
  return *found;
}

bool has_body(Form form) { return form == Form::generate || form == Form::embed || form == Form::count; }

struct RelayError {
  ErrorKind kind;
  std::string_view meaning;
};

std::vector<RelayError> errors_of(Form form) {
  if (form == Form::websocket)
    return {{ErrorKind::upgrade_required, "No WebSocket was asked for, or it is off here: use POST"}};
  std::vector<RelayError> errors{
      {ErrorKind::unauthorized, "No usable API key: missing, unknown, revoked, inactive or expired"},
      {ErrorKind::forbidden, "The key may not do this: its permissions, its models, the caller's address"},
      {ErrorKind::internal, "A fault of the relay, or the provider's own"},
      {ErrorKind::bad_gateway, "The provider can't be reached, or broke the protocol"},
      {ErrorKind::unavailable, "No provider, or usage can't be recorded at the moment"},
      {ErrorKind::gateway_timeout, "The provider did not answer in time"},
      {ErrorKind::overloaded, "The relay is at its limit of calls in flight"}};
  if (is_of_objects(form))
    errors.push_back({ErrorKind::not_found, "There is none of that name that you have made"});
  if (form == Form::list_objects)
    errors.push_back({ErrorKind::validation, "limit is no number from 1 to 1000"});
  if (form == Form::one_model) errors.push_back({ErrorKind::not_found, "No such model for this key"});
  if (form == Form::list_models)
    errors.push_back({ErrorKind::validation, "limit is not a whole number from 1 to 1000"});
  if (form == Form::generate || form == Form::embed || is_of_objects(form))
    errors.push_back(
        {ErrorKind::too_many_requests, "The key's, the user's or the plan's limit, or the provider's own"});
  if (form == Form::generate || form == Form::embed || form == Form::new_batch)
    errors.push_back({ErrorKind::payment_required,
                      "A budget of the key, the user or the plan is spent, or held by calls that run"});
  if (form == Form::generate || form == Form::embed)
    errors.push_back(
        {ErrorKind::not_found,
         "The request names somebody else's file, or a model without a price where such are blocked"});
  if (form == Form::count) errors.push_back({ErrorKind::not_found, "The request names somebody else's file"});
  if (has_body(form) || form == Form::new_file || form == Form::new_batch) {
    errors.push_back(
        {ErrorKind::validation, is_of_objects(form)
                                    ? "The body can't be read, or the provider refused it"
                                    : "The body is not JSON, names no model, or the provider refused it"});
    errors.push_back({ErrorKind::payload_too_large, "The body is larger than CLIENT_BODY_MAX"});
    errors.push_back(
        {ErrorKind::unsupported_media_type, "A Content-Encoding other than gzip, deflate, br and zstd"});
  }
  return errors;
}

json::object relayed_request_body(Form form) {
  json::object properties{{"model", json::object{{"type", "string"},
                                                 {"description", "Which model; it has to be among the key's"},
                                                 {"examples", json::array{"claude-sonnet-5-5"}}}}};
  if (form != Form::embed)
    properties["stream"] = json::object{{"type", json::array{"boolean", "null"}},
                                        {"description", "Whether the answer comes event by event"}};
  const json::object schema{
      {"type", "object"},
      {"description", "Passes unchanged; the provider's documentation says what else is in it"},
      {"properties", properties},
      {"required", json::array{"model"}}};
  return {{"required", true}, {"content", openapi::json_content(schema)}};
}

json::object object_request_body(Form form) {
  const char* const passes = "Passes unchanged; the provider's documentation says what is in it";
  const json::object schema{{"type", "object"}, {"description", passes}};
  if (form == Form::new_batch) return {{"required", true}, {"content", openapi::json_content(schema)}};
  return {{"required", true},
          {"content", json::object{{"multipart/form-data", json::object{{"schema", schema}}}}}};
}

json::object success(Form form) {
  if (form == Form::content) {
    const json::object any{{"schema", text_schema()}};
    return {{"description", "The bytes as the provider has them"},
            {"headers", openapi::header_references({"x-relay-request-id"})},
            {"content", json::object{{"application/x-jsonl", any}, {"application/octet-stream", any}}}};
  }
  json::object content = openapi::json_content({{"type", "object"}});
  auto headers = openapi::header_references({"x-relay-request-id"});
  if (form == Form::generate) {
    content["text/event-stream"] = json::object{{"schema", text_schema()}};
    headers = openapi::header_references({"x-relay-request-id", "x-relay-cache"});
  }
  return {{"description", "The provider's answer, byte for byte"},
          {"headers", std::move(headers)},
          {"content", std::move(content)}};
}

// A path that both dialects have: a header says which one is meant.
bool is_shared(const RelayedCall& call, Form form) {
  return form == Form::list_models || form == Form::one_model || call.path.starts_with("/v1/files");
}

json::object responses_of(const RelayedCall& call, Form form, OpenApiComponents& components) {
  json::object responses;
  const bool either_shape = is_shared(call, form);
  if (form != Form::websocket) responses["200"] = success(form);
  auto errors = errors_of(form);
  std::ranges::sort(errors, {}, [&call](const auto& error) { return status_of(error.kind, call.shape); });
  for (const auto& [kind, meaning] : errors) {
    const auto status = status_of(kind, either_shape ? ErrorShape::anthropic : call.shape);
    const auto name = std::to_string(status);
    if (auto* known = responses.if_contains(name)) {
      known->as_object()["description"].as_string().append("; ").append(
          json::string_view(meaning.data(), meaning.size()));
      continue;
    }
    auto response = components.relay_error_response(meaning, call.shape, either_shape);
    auto& headers = response["headers"].as_object();
    if (status == 429 || status == 503 || status == 529)
      headers["Retry-After"] = OpenApiComponents::header("Retry-After");
    else
      headers["x-should-retry"] = OpenApiComponents::header("x-should-retry");
    responses[name] = std::move(response);
  }
  if (form != Form::websocket) {
    responses["default"] = json::object{{"description", "The provider's own error, byte for byte"}};
  }
  return responses;
}

json::array parameters_of(const RelayedCall& call, Form form) {
  json::array parameters;
  const auto header = [&parameters](const char* name, const char* description) {
    parameters.push_back(json::object{
        {"name", name}, {"in", "header"}, {"description", description}, {"schema", text_schema()}});
  };
  if (call.path.find("{id}") != std::string::npos) {
    parameters.push_back(json::object{
        {"name", "id"},
        {"in", "path"},
        {"required", true},
        {"description", form == Form::one_model ? "The model's name" : "As the provider gave it"},
        {"schema", text_schema()}});
  }
  if (is_shared(call, form)) {
    header("anthropic-version", "When it is sent, the answer has Anthropic's form, else OpenAI's");
    if (form == Form::one_model) return parameters;
    for (const char* name : {"limit", "after_id", "before_id"})
      parameters.push_back(json::object{{"name", name},
                                        {"in", "query"},
                                        {"description", "A page of Anthropic's form, as its API has it"},
                                        {"schema", text_schema()}});
  } else if (call.shape == ErrorShape::anthropic) {
    header("anthropic-version", "As Anthropic's API asks for it: 2023-06-01");
    header("anthropic-beta", "As Anthropic's API has it");
  }
  return parameters;
}

}  // namespace

json::object relayed_operation(const RelayedCall& call, OpenApiComponents& components) {
  const auto& words = words_of(call);
  json::object operation{
      {"operationId", words.operation}, {"summary", words.summary}, {"tags", json::array{"Relay"}}};
  if (!call.aliases.empty()) {
    std::string description = "Also at";
    json::array aliases;
    for (const auto& alias : call.aliases) {
      description += (aliases.empty() ? " " : ", ") + alias;
      aliases.emplace_back(alias);
    }
    operation["description"] = description + ".";
    operation["x-aliases"] = std::move(aliases);
  }
  if (auto parameters = parameters_of(call, words.form); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (has_body(words.form)) operation["requestBody"] = relayed_request_body(words.form);
  if (words.form == Form::new_file || words.form == Form::new_batch)
    operation["requestBody"] = object_request_body(words.form);
  operation["responses"] = responses_of(call, words.form, components);
  operation["security"] = json::array();
  if (words.form != Form::websocket) {
    operation["security"] =
        json::array{json::object{{"apiKey", json::array()}}, json::object{{"bearerKey", json::array()}}};
  }
  return operation;
}

}  // namespace relay
