#include "http/query.h"
#include "observe/log.h"
#include "relay/model_lists.h"
#include "relay/phases.h"
#include "relay/read_whole.h"
#include "relay/settle.h"
#include "upstream/account_pool.h"

#include <charconv>

namespace relay {
namespace {

constexpr std::size_t kListBytesMax = 4 * 1024 * 1024;
// Claude Code waits 3 s for all of the list, and an account that hangs must not keep the other's from it.
constexpr std::chrono::milliseconds kListedWithin{2000};
constexpr std::chrono::seconds kListKept{30};  // and so long an account that is away is left alone

Error unreadable_list(std::string cause) {
  return Error(ErrorKind::bad_gateway, "models_unreadable",
               "The upstream provider's list of models can't be read")
      .because(std::move(cause));
}

// not_found when the account says so.
Task<std::string> ask(Exchange& exchange, const UpstreamAccount& account, std::string target,
                      const ModelsParts& parts) {
  auto limits = parts.limits;
  limits.first_byte = std::min(limits.first_byte, kListedWithin);
  limits.idle = std::min(limits.idle, kListedWithin);
  exchange.account = &account;
  exchange.own_target = std::move(target);
  auto attempted = co_await attempt(exchange, parts.connections, parts.settlement, limits);
  if (exchange.client_gone) co_return client_left();
  if (attempted.has_error()) {
    exchange.upstream.reset();
    co_return std::move(attempted).error();
  }
  auto text = co_await read_whole(exchange, parts.connections, limits, kListBytesMax);
  exchange.upstream.reset();
  if (exchange.client_gone) co_return client_left();
  const int status = exchange.answer.status;
  if (status == 404 && !exchange.path_tail.empty()) co_return model_not_found(exchange.requested_model);
  if (status != 200) co_return unreadable_list("status " + std::to_string(status));
  if (text.has_error()) co_return unreadable_list(text.error().cause());
  co_return text;
}

Task<> refresh(Exchange& exchange, const UpstreamAccount& account, ModelLists::List& list,
               const ModelsParts& parts) {
  const bool is_anthropic = account.provider == Provider::anthropic;
  std::string target = is_anthropic ? "/v1/models?limit=1000" : "/v1/models";
  auto text = co_await ask(exchange, account, std::move(target), parts);
  if (exchange.client_gone) co_return client_left();
  list.asked_at = exchange.began_steady;
  list.was_asked = true;
  if (text.has_error()) co_return std::move(text).error();
  CO_TRY(list.models, parse_models_list(*text, exchange.json));
  list.is_known = true;
  co_return ok;
}

// The client's own provider's first.
std::vector<const UpstreamAccount*> listed_accounts(const Exchange& exchange, const AccountPool& accounts) {
  const auto own = provider_of(exchange.dialect);
  std::vector<const UpstreamAccount*> listed;
  for (const auto& account : accounts.accounts()) {
    const bool is_own = account.provider == own;
    if (!account.serves(group_of(exchange))) continue;
    if (!is_own && account.models.patterns().empty()) continue;
    if (!exchange.key->permissions.allows(permission_for(account.provider))) continue;
    listed.insert(is_own ? listed.begin() : listed.end(), &account);
  }
  return listed;
}

Result<ModelsPage> page_of(const std::vector<std::pair<std::string, std::string>>& query) {
  ModelsPage page;
  for (const auto& [name, value] : query) {
    if (name == "after_id") page.after_id = value;
    if (name == "before_id") page.before_id = value;
    if (name != "limit") continue;
    const auto* const end = value.data() + value.size();
    const auto [stop, fault] = std::from_chars(value.data(), end, page.limit);
    if (fault == std::errc() && stop == end && page.limit >= 1 && page.limit <= 1000) continue;
    return Error(ErrorKind::validation, "limit_invalid", "limit: must be a whole number from 1 to 1000")
        .on_field("limit", "must be a whole number from 1 to 1000");
  }
  return page;
}

HttpAnswer answer_of(const Exchange& exchange, std::string body) {
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  answer.body = std::move(body);
  return answer;
}

bool is_fresh(const ModelLists::List& list, SteadyTime now) {
  return list.was_asked && now - list.asked_at < kListKept;
}

// Several accounts may have a model: it is listed once.
bool is_first_for(const Exchange& exchange, const AccountPool& accounts, const UpstreamAccount& account,
                  std::string_view model) {
  const auto candidates = accounts.candidates(provider_of(exchange.dialect), model, group_of(exchange));
  return !candidates.empty() && candidates.front().account == &account;
}

// Of each account, in their order, what a call would really go to it for. An error only when no list is
// known.
Task<std::vector<ListedModel>> usable_models(Exchange& exchange, const ModelsParts& parts) {
  const auto listed = listed_accounts(exchange, parts.accounts);
  std::vector<ListedModel> models;
  std::optional<Error> failed;
  bool any_known = listed.empty();
  for (const auto* account : listed) {
    auto& list = parts.lists.lists[account->id];
    if (!is_fresh(list, exchange.began_steady)) {
      auto refreshed = co_await refresh(exchange, *account, list, parts);
      if (exchange.client_gone) co_return client_left();
      if (refreshed.has_error()) {
        log_warning("relay", "an account's models can't be listed",
                    {{"request_id", exchange.request_id},
                     {"account", account->id},
                     {"cause", refreshed.error().cause()}});
        if (!failed) failed = std::move(refreshed).error();
      }
    }
    any_known = any_known || list.is_known;
    for (const auto& model : list.models) {
      if (may_use(exchange, *account, model.id) && is_first_for(exchange, parts.accounts, *account, model.id))
        models.push_back(model);
    }
  }
  if (!any_known) co_return failed ? *std::move(failed) : unreadable_list("no account answered");
  co_return models;
}

}  // namespace

bool passes_models_on(const Exchange& exchange, const AccountPool& accounts) {
  const auto own = provider_of(exchange.dialect);
  if (!exchange.path_tail.empty()) return exchange.account->provider == own;
  const auto listed = listed_accounts(exchange, accounts);
  return listed.size() == 1 && listed[0]->provider == own && exchange.key->models.patterns().empty();
}

Task<HttpAnswer> answer_models(Exchange& exchange, const ModelsParts& parts) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  if (!exchange.path_tail.empty()) {
    auto target = std::string(exchange.operation.upstream_path).append(exchange.path_tail);
    CO_TRY(const auto text, co_await ask(exchange, *exchange.account, std::move(target), parts));
    CO_TRY(const auto model, parse_model(text, exchange.json));
    co_return answer_of(exchange, is_anthropic ? anthropic_model(model) : openai_model(model));
  }
  const auto query = parse_query(exchange.client.head().query());
  CO_TRY(const auto page, page_of(query));
  CO_TRY(const auto models, co_await usable_models(exchange, parts));
  co_return answer_of(exchange,
                      is_anthropic ? anthropic_models_list(models, page) : openai_models_list(models));
}

}  // namespace relay
