#include "async/blocking_pool.h"
#include "http/multipart.h"
#include "relay/object_phases.h"
#include "relay/provider_objects.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kModelsMax = 20;  // of one batch, so that they can be remembered
constexpr std::size_t kModelBytesMax = 256;
constexpr std::size_t kModelsTextMax = 500;
constexpr std::size_t kReferencesMax = 500;
constexpr std::string_view kManyModels = "*";

/// What a batch's requests ask for.
struct Asked {
  std::vector<std::string> models;
  std::vector<std::string> files;
  std::vector<std::string> previous_responses;
  bool is_readable = true;  // every request was looked at
  std::string purpose;      // of a file
};

void note(std::vector<std::string>& words, std::string_view word, std::size_t most) {
  if (std::ranges::find(words, word) == words.end() && words.size() <= most) words.emplace_back(word);
}

void note_request(Asked& asked, JsonValue parameters) {
  std::string scratch;
  int models = 0;
  parameters.each_member([&](std::string_view key, JsonValue value) {
    const auto text = value.string(scratch);
    if (key.find('\\') != std::string_view::npos) asked.is_readable = false;  // a name in disguise
    if (key == "previous_response_id" && text) note(asked.previous_responses, *text, kReferencesMax);
    if (key != "model") return;
    ++models;
    if (text && text->size() <= kModelBytesMax) note(asked.models, *text, kModelsMax);
  });
  if (models != 1) asked.is_readable = false;
}

// `member` of one of the requests, which must be there once: readers differ in which of two counts.
void note_member(Asked& asked, JsonValue request, std::string_view member) {
  int times = 0;
  request.each_member([&](std::string_view key, JsonValue value) {
    if (key.find('\\') != std::string_view::npos) asked.is_readable = false;
    if (key != member) return;
    ++times;
    note_request(asked, value);
  });
  if (times != 1) asked.is_readable = false;
}

void note_files(Asked& asked, JsonValue root) {
  for (const auto& file : files_named_in(root, kReferencesMax + 1)) note(asked.files, file, kReferencesMax);
}

Result<Asked> read_message_batch(std::string_view body) {
  JsonIndex json;
  if (json.read(body) != JsonFault::none || json.root().kind() != JsonValue::Kind::object)
    return Error(ErrorKind::validation, "invalid_json", "The request body must be a JSON object");
  Asked asked;
  int lists = 0;
  json.root().each_member([&](std::string_view key, JsonValue value) {
    if (key != "requests") return;
    ++lists;
    value.each_element([&asked](JsonValue request) { note_member(asked, request, "params"); });
  });
  if (lists != 1) {
    return Error(ErrorKind::validation, "requests_required", "requests: Field required")
        .on_field("requests", "must be there once");
  }
  if (may_name_files(body)) note_files(asked, json.root());
  return asked;
}

// A file that OpenAI's batches will be made of: a request in each line.
Asked read_batch_file(std::string_view content_type, std::string_view body) {
  Asked asked;
  asked.is_readable = false;
  const auto parts = parse_multipart(content_type, body);
  if (!parts) return asked;
  std::string_view lines;
  int files = 0;
  for (const auto& part : *parts) {
    if (part.name == "purpose") asked.purpose = part.content.substr(0, 64);
    if (part.name != "file") continue;
    ++files;
    lines = part.content;
  }
  if (asked.purpose != "batch" || files != 1) return asked;
  asked.is_readable = true;
  JsonIndex json;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (json.read(line) != JsonFault::none) {
      asked.is_readable = false;
      continue;
    }
    note_member(asked, json.root(), "body");
    if (may_name_files(line)) note_files(asked, json.root());
  }
  return asked;
}

Error may_not_use(std::string_view model) {
  return Error(ErrorKind::forbidden, "model_forbidden",
               "This API key may not use the model " + std::string(model.substr(0, 200)));
}

std::string joined(const std::vector<std::string>& models) {
  std::string text;
  for (const auto& model : models) text.append(text.empty() ? "" : ",").append(model);
  return models.size() > kModelsMax || text.size() > kModelsTextMax ? std::string(kManyModels) : text;
}

Task<> check_asked(Exchange& exchange, ProviderObjects& objects, Asked asked) {
  if (asked.files.size() > kReferencesMax || asked.previous_responses.size() > kReferencesMax) {
    co_return Error(ErrorKind::validation, "too_many_files",
                    "A batch may name at most " + std::to_string(kReferencesMax) + " files and responses");
  }
  for (auto& id : asked.previous_responses)
    CO_CHECK(co_await check_previous_response(exchange, objects, std::move(id)));
  co_return co_await check_files(exchange, objects, std::move(asked.files));
}

// What a restricted key can't be seen to ask for, it may not.
Result<> check_models(const Exchange& exchange, const Asked& asked) {
  const auto& allowed = exchange.key->models;
  if (allowed.patterns().empty()) return ok;
  for (const auto& model : asked.models) {
    if (!allowed.allows(model)) return may_not_use(model);
  }
  if (asked.is_readable && asked.models.size() <= kModelsMax) return ok;
  return may_not_use("that some of these requests name");
}

// The file's models were seen when it came.
Result<> check_file_models(const Exchange& exchange, const ProviderObject& file) {
  const auto& allowed = exchange.key->models;
  if (allowed.patterns().empty()) return ok;
  std::string_view models = file.model;
  if (models.empty() || models == kManyModels) return may_not_use("that some of these requests name");
  while (!models.empty()) {
    const auto end = std::min(models.find(','), models.size());
    if (!allowed.allows(models.substr(0, end))) return may_not_use(models.substr(0, end));
    models.remove_prefix(std::min(end + 1, models.size()));
  }
  return ok;
}

Task<> check_message_batch(Exchange& exchange, ProviderObjects& objects, BlockingPool& pool) {
  const auto body = exchange.body();
  auto work = [body] { return read_message_batch(body); };
  CO_TRY(auto asked, co_await pool.run(std::move(work)));
  CO_CHECK(check_models(exchange, asked));
  exchange.object->found.model = joined(asked.models);
  co_return co_await check_asked(exchange, objects, std::move(asked));
}

Task<> check_file(Exchange& exchange, ProviderObjects& objects, BlockingPool& pool) {
  const auto body = exchange.body();
  const auto type = exchange.client.head().value(KnownField::content_type);
  auto work = [body, type]() -> Result<Asked> { return read_batch_file(type, body); };
  CO_TRY(auto asked, co_await pool.run(std::move(work)));
  exchange.object->found.purpose = asked.purpose;
  // Of a form that can't be read it is not known that it is a batch's: then no batch of it is made for such a
  // key.
  if (asked.purpose == "batch") CO_CHECK(check_models(exchange, asked));
  if (asked.is_readable) exchange.object->found.model = joined(asked.models);
  co_return co_await check_asked(exchange, objects, std::move(asked));
}

Task<> check_batch(Exchange& exchange, ProviderObjects& objects) {
  if (exchange.json.read(exchange.body()) != JsonFault::none ||
      exchange.json.root().kind() != JsonValue::Kind::object) {
    co_return Error(ErrorKind::validation, "invalid_json", "The request body must be a JSON object");
  }
  std::string id;
  std::string scratch;
  int times = 0;
  exchange.json.root().each_member([&](std::string_view key, JsonValue value) {
    if (key != "input_file_id" && key.find('\\') == std::string_view::npos) return;
    ++times;
    id = value.string(scratch).value_or("");
  });
  if (times != 1 || id.empty()) {
    co_return Error(ErrorKind::validation, "input_file_id_required",
                    "input_file_id must be a file's id, once")
        .on_field("input_file_id", "is required");
  }
  CO_TRY(const auto file, co_await objects.find(id));
  const bool is_own =
      file && file->user_id == exchange.key->user_id && file->kind == ProviderObjectKind::file;
  if (!is_own) {
    auto error = no_such_object(exchange.dialect, ProviderObjectKind::file, id);
    co_return std::move(error).on_field("input_file_id", "is no file of yours");
  }
  CO_CHECK(check_file_models(exchange, *file));
  exchange.object->found.model = file->model;
  exchange.pinned_account = file->account_id;
  co_return ok;
}

}  // namespace

Task<> check_new_object(Exchange& exchange, ProviderObjects& objects, BlockingPool& pool) {
  const bool is_batch = exchange.operation.object == ProviderObjectKind::batch;
  if (is_batch && exchange.dialect == WireDialect::anthropic_messages)
    return check_message_batch(exchange, objects, pool);
  if (is_batch) return check_batch(exchange, objects);
  return check_file(exchange, objects, pool);
}

}  // namespace relay
