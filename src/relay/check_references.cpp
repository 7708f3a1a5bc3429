#include "dialect/file_references.h"
#include "dialect/object_answer.h"
#include "relay/object_phases.h"
#include "relay/provider_objects.h"

namespace relay {
namespace {

constexpr std::size_t kFilesMax = 500;

Error no_such_file(const std::string& id) {
  return Error(ErrorKind::not_found, "file_not_found", "file_id: File not found: " + id.substr(0, 100))
      .on_field("file_id", "is no object of yours");
}

enum class Owned { own, others, unknown, store_away };

Task<Owned> whose(const Exchange& exchange, ProviderObjects& objects, std::string id) {
  auto found = co_await objects.find(std::move(id));
  if (found.has_error()) {
    if (found.error().kind() == ErrorKind::unavailable) co_return Owned::store_away;
    co_return std::move(found).error();
  }
  if (!*found) co_return Owned::unknown;
  co_return (*found)->user_id == exchange.key->user_id ? Owned::own : Owned::others;
}

Task<> check_previous_response(Exchange& exchange, ProviderObjects& objects) {
  auto id = exchange.session.previous_response_id;
  CO_TRY(const auto owned, co_await whose(exchange, objects, id));
  if (owned == Owned::own || owned == Owned::store_away) co_return ok;
  co_return no_previous_response(id);
}

}  // namespace

Error no_previous_response(std::string_view id) {
  return Error(ErrorKind::validation, "previous_response_not_found",
               "Previous response with id '" + std::string(id.substr(0, 100)) + "' not found.")
      .on_field("previous_response_id", "is no response of yours");
}

bool names_objects(const Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  if (kind != RelayOperation::Kind::generate && kind != RelayOperation::Kind::count_tokens) return false;
  return !exchange.session.previous_response_id.empty() || may_name_files(exchange.body());
}

Task<> check_files(Exchange& exchange, ProviderObjects& objects, std::vector<FileReference> files) {
  for (const auto& file : files) {
    if (!is_object_id(file.id) && !file.certain) continue;
    CO_TRY(const auto owned, co_await whose(exchange, objects, file.id));
    const bool is_refused = owned == Owned::others || (owned == Owned::unknown && file.certain);
    if (is_refused) co_return no_such_file(file.id);
  }
  co_return ok;
}

Task<> check_references(Exchange& exchange, ProviderObjects& objects) {
  if (!exchange.session.previous_response_id.empty())
    CO_CHECK(co_await check_previous_response(exchange, objects));
  if (!may_name_files(exchange.body())) co_return ok;
  // The index is every call's on this worker: read again, and done with before anything is waited for.
  if (exchange.json.read(exchange.body()) != JsonFault::none) co_return ok;
  auto files = files_named_in(exchange.json.root(), kFilesMax + 1);
  if (files.size() > kFilesMax) {
    co_return Error(ErrorKind::validation, "too_many_files",
                    "A request may name at most " + std::to_string(kFilesMax) + " files")
        .on_field("file_id", "is there too often");
  }
  co_return co_await check_files(exchange, objects, std::move(files));
}

}  // namespace relay
