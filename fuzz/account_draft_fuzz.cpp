// Whatever the admin API is sent for an account, what is taken is bounded, comes back from the store as it
// was, and leads to one place; the rest is refused with its fields named.
#include "domain/budget.h"
#include "domain/upstream_account.h"
#include "fuzz_input.h"
#include "json/binding.h"
#include "upstream/base_url.h"

#include <boost/describe.hpp>

#include <algorithm>
#include <charconv>

namespace {

using namespace relay;

// Of api/upstream_account_object.h those that have rules of their own.
struct Fields {
  std::optional<std::string> name;
  std::optional<std::string> provider;
  std::optional<std::string> base_url;
  std::optional<std::string> credential;
  std::optional<std::int64_t> priority;
  std::optional<std::int64_t> weight;
  Patch<std::int64_t> concurrency;
  std::optional<std::vector<std::string>> models;
  std::optional<boost::json::object> model_map;
  std::optional<std::string> dialect;
  std::optional<std::vector<std::string>> groups;
  Patch<std::string> daily_spend_cap;
};
BOOST_DESCRIBE_STRUCT(Fields, (),
                      (name, provider, base_url, credential, priority, weight, concurrency, models, model_map,
                       dialect, groups, daily_spend_cap))

template <class T>
bool taken(const Result<T>& parsed) {
  if (parsed.has_value()) return true;
  fuzz::require(parsed.error().kind() == ErrorKind::validation, "a refusal is the caller's fault");
  fuzz::require(!parsed.error().fields().empty(), "and names the field");
  return false;
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_base_url(std::string_view text) {
  const auto url = BaseUrl::parse(text, "baseUrl");
  if (!taken(url)) return;
  unsigned port = 0;
  std::from_chars(url->port.data(), url->port.data() + url->port.size(), port);
  fuzz::require(port >= 1 && port <= 65'535, "a port is one");
  fuzz::require(!url->host.empty() && url->host.find_first_of("/@[]?#") == std::string::npos,
                "a host is one");
  fuzz::require(is_visible(url->authority) && is_visible(url->path_prefix), "no line ends in it");
  fuzz::require(url->path_prefix.empty() || url->path_prefix.front() == '/', "a prefix is a path");
  const auto again =
      BaseUrl::parse((url->tls ? "https://" : "http://") + url->authority + url->path_prefix, "baseUrl");
  fuzz::require(again.has_value() && again->host == url->host && again->port == url->port,
                "it leads there again");
}

void check_model_map(const boost::json::object& object) {
  ModelMap::Names names;
  for (const auto& [asked, own] : object) {
    if (own.is_string()) names.emplace_back(asked, own.as_string().c_str());
  }
  const auto map = ModelMap::parse(std::move(names));
  if (!taken(map)) return;
  fuzz::require(map->names().size() <= 100, "a map is bounded");
  const auto stored = ModelMap::from_store(map->to_text());
  fuzz::require(stored.has_value() && *stored == *map, "the store gives it back");
}

void check(const Fields& fields) {
  if (fields.name) static_cast<void>(taken(parse_account_name(*fields.name)));
  if (fields.credential && taken(parse_account_credential(*fields.credential)))
    fuzz::require(is_visible(*fields.credential), "a credential ends no line");
  if (fields.base_url) check_base_url(*fields.base_url);
  if (fields.model_map) check_model_map(*fields.model_map);
  if (fields.models) {
    const auto models = ModelPatterns::parse(*fields.models);
    if (taken(models)) static_cast<void>(models->allows("claude-sonnet-5"));
  }
  if (fields.groups) {
    const auto groups = parse_account_groups(*fields.groups);
    if (taken(groups))
      fuzz::require(groups->size() <= 20 && std::ranges::is_sorted(*groups), "groups are few and in order");
  }
  if (fields.daily_spend_cap.sets()) {
    const auto cap = parse_usd(*fields.daily_spend_cap.value, "dailySpendCap");
    if (taken(cap)) fuzz::require(*cap >= 0, "an amount is one");
  }
  const auto provider = parse_provider(fields.provider.value_or("anthropic"));
  if (provider && fields.dialect) static_cast<void>(taken(parse_account_dialect(*fields.dialect, *provider)));
  const AccountShare share{
      .priority = fields.priority.value_or(0), .weight = fields.weight.value_or(1), .concurrency = 0};
  static_cast<void>(taken(share.check()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_base_url(text);
  const auto value = parse_json(text);
  if (value.has_error()) return 0;
  const auto fields = from_json<Fields>(*value);
  if (taken(fields)) check(*fields);
  return 0;
}
