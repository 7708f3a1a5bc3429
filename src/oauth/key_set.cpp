#include "oauth/key_set.h"

#include "crypto/jws.h"
#include "oauth/oauth_messages.h"
#include "oauth/oauth_provider.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKeysMax = 50;
constexpr std::size_t kKeyBytesMax = 8 * 1024;
constexpr auto kKeptFor = 1h;
constexpr auto kFetchedAtMostEvery = 1min;

}  // namespace

Task<KeySet::Snapshot> KeySet::fetch(std::string url) {
  CO_TRY(auto document, co_await fetch_json(http_, std::move(url), ""));
  const auto* list = document.if_contains("keys");
  if (list == nullptr || !list->is_array()) co_return oauth_failed("the issuer's keys are no list");
  auto keys = std::make_shared<Keys>();
  keys->fetched_at = clock_.steady_now();
  for (const auto& entry : list->get_array()) {
    if (!entry.is_object() || keys->all.size() == kKeysMax) continue;
    auto text = boost::json::serialize(entry);
    if (text.size() > kKeyBytesMax) continue;
    keys->all.push_back({.id = text_member(entry.get_object(), "kid"), .text = std::move(text)});
  }
  Snapshot fetched = std::move(keys);
  const std::lock_guard lock(mutex_);
  keys_ = fetched;
  co_return fetched;
}

Result<std::string> KeySet::try_keys(const std::string& token, const Keys& keys) {
  auto header = read_jws_header(token);
  if (header.has_error()) return oauth_failed("ID token: " + header.error().cause());
  for (const auto& key : keys.all) {
    if (!header->key_id.empty() && key.id != header->key_id) continue;
    auto payload = verify_jws(token, key.text);
    if (payload.has_value()) return payload;
  }
  return oauth_failed("ID token: no key of the issuer has signed it");
}

Task<std::string> KeySet::verify(std::string token, std::string url) {
  Snapshot keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
  }
  const auto age = keys ? clock_.steady_now() - keys->fetched_at : SteadyTime::duration::max();
  if (keys && age < kKeptFor) {
    auto payload = try_keys(token, *keys);
    if (payload.has_value() || age < kFetchedAtMostEvery) co_return payload;
  }
  CO_TRY(auto fetched, co_await fetch(std::move(url)));
  co_return try_keys(token, *fetched);
}

}  // namespace relay
