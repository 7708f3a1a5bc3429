#include "relay/object_phases.h"
#include "relay/provider_objects.h"
#include "upstream/account_pool.h"

namespace relay {
namespace {

constexpr std::chrono::days kBatchesKept{400};

// Whether the call may be about what this is.
bool fits(const Exchange& exchange, const ProviderObject& object) {
  return object.user_id == exchange.key->user_id && object.kind == exchange.operation.object &&
         object.provider == to_string(provider_of(exchange.dialect));
}

}  // namespace

Error no_such_object(WireDialect dialect, ProviderObjectKind kind, std::string_view id) {
  const std::string name(id.substr(0, 100));
  const bool is_anthropic = dialect == WireDialect::anthropic_messages;
  switch (kind) {
    case ProviderObjectKind::file:
      return {ErrorKind::not_found, "file_not_found",
              (is_anthropic ? "File not found: " : "No such File object: ") + name};
    case ProviderObjectKind::batch:
      return {ErrorKind::not_found, "batch_not_found",
              is_anthropic ? "Message batch not found: " + name : "No batch found with id '" + name + "'."};
    case ProviderObjectKind::response:
      break;
  }
  return {ErrorKind::not_found, "response_not_found", "Response with id '" + name + "' not found."};
}

Task<> find_own_object(Exchange& exchange, ProviderObjects& objects, const AccountPool& accounts) {
  const auto tail = exchange.path_tail.substr(1);
  const std::string id(tail.substr(0, tail.find('/')));
  const auto& operation = exchange.operation;
  if (!is_object_id(id)) co_return no_such_object(exchange.dialect, operation.object, id);
  CO_TRY(auto found, co_await objects.find(id));
  if (!found || !fits(exchange, *found)) co_return no_such_object(exchange.dialect, operation.object, id);
  exchange.account = accounts.with_id(found->account_id);
  if (exchange.account == nullptr) co_return no_such_object(exchange.dialect, operation.object, id);
  exchange.object->found = *std::move(found);
  co_return ok;
}

ProviderObject made_object(const Exchange& exchange, const ObjectAnswer& answer) {
  ProviderObject object = exchange.object->found;
  object.id = answer.id;
  object.provider = to_string(exchange.account->provider);
  object.kind = exchange.operation.object;
  object.user_id = exchange.key->user_id;
  object.key_id = exchange.key->key_id;
  object.account_id = exchange.account->id;
  object.created_at = exchange.began;
  object.expires_at = answer.expires_at;
  if (object.kind == ProviderObjectKind::batch) object.expires_at = exchange.began + kBatchesKept;
  if (object.kind == ProviderObjectKind::file && object.purpose.empty())
    object.purpose = answer.purpose.substr(0, 64);
  return object;
}

std::vector<ProviderObject> files_of_batch(const ProviderObject& batch, const ObjectAnswer& answer) {
  std::vector<ProviderObject> files;
  for (const auto& id : {answer.output_file_id, answer.error_file_id}) {
    if (id.empty()) continue;
    auto& file = files.emplace_back(batch);
    file.id = id;
    file.kind = ProviderObjectKind::file;
    file.purpose = "batch_output";
    file.batch_id = batch.id;
    // The same on every node that sees it: what is recorded of its lines has this time.
    file.created_at = batch.created_at;
    file.usage_recorded = false;
  }
  return files;
}

}  // namespace relay
