#include "http/query.h"
#include "net/upstream_connections.h"
#include "relay/object_phases.h"
#include "relay/provider_objects.h"
#include "relay/read_whole.h"
#include "upstream/account_pool.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace relay {
namespace {

constexpr std::size_t kListedBytesMax = 8 * 1024 * 1024;  // of one object
constexpr int kLimitUnlessSaid = 20;
constexpr int kListLimitMax = 100;    // each is asked for: what a client wants more of is another page
constexpr int kAcceptedMax = 10'000;  // the providers' own bound

/// What the query asks for.
struct ListQuery {
  int limit = kLimitUnlessSaid;
  std::string behind;  // a cursor: objects further down the list
  std::string before;  // further up
  std::string purpose;
  bool ascending = false;
  std::vector<std::string> ids;  // these only
};

Error bad_parameter(std::string_view name, std::string_view wanted) {
  return Error(ErrorKind::validation, "invalid_parameter", std::string(name) + " " + std::string(wanted))
      .on_field(std::string(name), std::string(wanted));
}

Result<ListQuery> read_query(const Exchange& exchange) {
  ListQuery query;
  for (const auto& [name, value] : parse_query(exchange.client.head().query())) {
    if (name == "limit") {
      const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), query.limit);
      if (fault != std::errc() || end != value.data() + value.size() || query.limit < 1 ||
          query.limit > kAcceptedMax)
        return bad_parameter("limit", "must be a whole number from 1 to 1000");
    } else if (name == "after" || name == "after_id" || name == "page") {
      query.behind = value;
    } else if (name == "before_id") {
      query.before = value;
    } else if (name == "purpose") {
      query.purpose = value;
    } else if (name == "order") {
      query.ascending = value == "asc";
    } else if ((name == "ids" || name == "ids[]") && query.ids.size() < kListLimitMax) {
      query.ids.push_back(value);
    }
  }
  query.limit = std::min(query.limit, kListLimitMax);
  return query;
}

struct OwnPage {
  std::vector<ProviderObject> objects;
  bool has_more = false;
};

Task<OwnPage> ids_page(const Exchange& exchange, ProviderObjects& objects, ListQuery query) {
  OwnPage page;
  for (const auto& id : query.ids) {
    CO_TRY(auto found, co_await objects.find(id));
    if (found && found->user_id == exchange.key->user_id && found->kind == exchange.operation.object)
      page.objects.push_back(*std::move(found));
  }
  co_return page;
}

Task<OwnPage> own_page(const Exchange& exchange, ProviderObjects& objects, ListQuery query) {
  if (!query.ids.empty()) co_return co_await ids_page(exchange, objects, std::move(query));
  const bool upwards = !query.before.empty();
  ProviderObjectQuery wanted{.user_id = exchange.key->user_id,
                             .provider = std::string(to_string(provider_of(exchange.dialect))),
                             .kind = exchange.operation.object,
                             .purpose = query.purpose,
                             .oldest_first = query.ascending != upwards,
                             .limit = query.limit + 1};
  const auto cursor = upwards ? query.before : query.behind;
  if (!cursor.empty()) {
    CO_TRY(const auto place, co_await objects.find(cursor));
    if (!place || place->user_id != exchange.key->user_id)
      co_return no_such_object(exchange.dialect, exchange.operation.object, cursor);
    wanted.behind = PagePlace{.created_at_ms = place->created_at.time_since_epoch().count(), .id = place->id};
  }
  OwnPage page;
  CO_TRY(page.objects, co_await objects.list(std::move(wanted)));
  page.has_more = page.objects.size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) page.objects.resize(static_cast<std::size_t>(query.limit));
  if (upwards) std::ranges::reverse(page.objects);
  co_return page;
}

// "beta=true" of Anthropic's SDKs goes along.
std::string query_of(const Exchange& exchange, std::string_view more) {
  const auto asked = parse_query(exchange.client.head().query());
  const bool is_beta =
      std::ranges::find(asked, "beta", &std::pair<std::string, std::string>::first) != asked.end();
  std::string query(is_beta ? "beta=true" : "");
  if (!more.empty()) query.append(query.empty() ? "" : "&").append(more);
  return query;
}

void ask_for(Exchange& exchange, std::string path, std::string query) {
  auto& object = *exchange.object;
  object.path = std::move(path);
  object.query = std::move(query);
  object.of_list = true;
  exchange.path_tail = object.path;
}

// False: the account that has it is not configured any more.
bool ask_at(Exchange& exchange, const ProviderObject& object) {
  exchange.account = exchange.accounts->with_id(object.account_id);
  return exchange.account != nullptr;
}

using Bodies = std::unordered_map<std::string, std::string>;

// The newest at the provider, whoever's they are: mostly the caller's own are among them, in one call. Of
// what is not there each is asked for.
Task<Bodies> fetch_newest(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                          const AttemptLimits& limits, std::string query) {
  ask_for(exchange, "", std::move(query));
  CO_CHECK(co_await attempt(exchange, connections, settlement, limits));
  const int status = exchange.answer.status;
  CO_TRY(const auto body, co_await read_whole(exchange, connections, limits, kListedBytesMax));
  Bodies bodies;
  if (status != 200 || exchange.json.read(body) != JsonFault::none) co_return bodies;
  std::string scratch;
  exchange.json.root().find("data").each_element([&](JsonValue object) {
    if (const auto id = object.find("id").string(scratch))
      bodies.emplace(std::string(*id), std::string(object.raw()));
  });
  co_return bodies;
}

// As the provider has it now; empty when it does not have it any more.
Task<std::string> fetch_object(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                               const AttemptLimits& limits, std::string id, std::string query) {
  ask_for(exchange, "/" + id, std::move(query));
  CO_CHECK(co_await attempt(exchange, connections, settlement, limits));
  const int status = exchange.answer.status;
  CO_TRY(auto body, co_await read_whole(exchange, connections, limits, kListedBytesMax));
  if (status == 404) co_return std::string();
  if (status == 200) co_return body;
  const auto kind = status == 429 ? ErrorKind::too_many_requests : ErrorKind::bad_gateway;
  co_return Error(kind, "upstream_refused",
                  "The upstream provider answered " + std::to_string(status) + " for one of the list");
}

std::string quoted_or_null(const std::vector<std::string>& ids, bool first) {
  if (ids.empty()) return "null";
  return "\"" + (first ? ids.front() : ids.back()) + "\"";
}

// Both dialects' words: neither minds those of the other that it does not know.
std::string page_text(const Exchange& exchange, const std::string& data, const std::vector<std::string>& ids,
                      bool has_more) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  std::string text = is_anthropic ? "{" : R"({"object":"list",)";
  text += R"("data":[)" + data + R"(],"first_id":)" + quoted_or_null(ids, true);
  text += R"(,"last_id":)" + quoted_or_null(ids, false);
  text += R"(,"has_more":)" + std::string(has_more ? "true" : "false");
  // Files of Anthropic's newer version are paged by this.
  if (is_anthropic && exchange.operation.object == ProviderObjectKind::file)
    text += R"(,"next_page":)" + (has_more ? quoted_or_null(ids, false) : "null");
  return text + "}";
}

}  // namespace

Task<> list_objects(Exchange& exchange, ProviderObjects& objects, UpstreamConnections& connections,
                    Settlement& settlement, const AttemptLimits& limits, std::string results_base) {
  CO_TRY(auto query, read_query(exchange));
  CO_TRY(const auto page, co_await own_page(exchange, objects, std::move(query)));
  std::string data;
  std::vector<std::string> ids;
  Bodies newest;
  if (page.objects.size() > 1 && ask_at(exchange, page.objects.front())) {
    auto wanted = query_of(exchange, "limit=" + std::to_string(kListLimitMax));
    CO_TRY(newest, co_await fetch_newest(exchange, connections, settlement, limits, std::move(wanted)));
  }
  for (const auto& object : page.objects) {
    auto body = std::move(newest[object.id]);
    // What lies at an account that is not there any more can't be listed.
    if (body.empty() && !ask_at(exchange, object)) continue;
    if (body.empty()) {
      auto alone = query_of(exchange, "");
      CO_TRY(body,
             co_await fetch_object(exchange, connections, settlement, limits, object.id, std::move(alone)));
    }
    if (body.empty()) {
      static_cast<void>(co_await objects.forget(object.id));
      continue;
    }
    const auto facts = read_object_answer(body, exchange.json);
    if (facts.id != object.id) {
      co_return Error(ErrorKind::bad_gateway, "upstream_unreadable",
                      "The upstream provider's answer can't be read");
    }
    if (object.kind == ProviderObjectKind::batch) {
      if (!results_base.empty()) body = with_results_at(results_base, std::move(body), exchange.json);
      static_cast<void>(co_await objects.add(files_of_batch(object, facts)));
    }
    data.append(data.empty() ? "" : ",").append(body);
    ids.push_back(object.id);
  }
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  answer.body = page_text(exchange, data, ids, page.has_more);
  const bool taken = co_await exchange.client.answer(std::move(answer));
  if (!taken) exchange.client.close_after();
  co_return ok;
}

}  // namespace relay
