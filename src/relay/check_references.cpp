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

Error no_previous_response(std::string_view id) {
  return Error(ErrorKind::validation, "previous_response_not_found",
               "Previous response with id '" + std::string(id.substr(0, 100)) + "' not found.")
      .on_field("previous_response_id", "is no response of yours");
}

// What the relay has never seen made was made past it, and its id can't be guessed: the provider answers for
// it.
// Only the account that has it can answer.
Task<bool> is_somebody_elses(Exchange& exchange, ProviderObjects& objects, std::string id) {
  auto found = co_await objects.find(std::move(id));
  if (found.has_error()) {
    if (found.error().kind() == ErrorKind::unavailable) co_return false;
    co_return std::move(found).error();
  }
  if (!*found) co_return false;
  if ((*found)->user_id != exchange.key->user_id) co_return true;
  exchange.pinned_account = (*found)->account_id;
  co_return false;
}

}  // namespace

bool names_objects(const Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  if (kind != RelayOperation::Kind::generate && kind != RelayOperation::Kind::count_tokens) return false;
  return !exchange.session.previous_response_id.empty() || may_name_files(exchange.body());
}

Task<> check_previous_response(Exchange& exchange, ProviderObjects& objects, std::string id) {
  CO_TRY(const bool is_refused, co_await is_somebody_elses(exchange, objects, id));
  if (is_refused) co_return no_previous_response(id);
  co_return ok;
}

Task<> check_files(Exchange& exchange, ProviderObjects& objects, std::vector<std::string> ids) {
  for (const auto& id : ids) {
    if (!is_object_id(id)) continue;
    CO_TRY(const bool is_refused, co_await is_somebody_elses(exchange, objects, id));
    if (is_refused) co_return no_such_file(id);
  }
  co_return ok;
}

Task<> check_references(Exchange& exchange, ProviderObjects& objects) {
  auto previous = exchange.session.previous_response_id;
  if (!previous.empty()) CO_CHECK(co_await check_previous_response(exchange, objects, std::move(previous)));
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
