#pragma once

#include "store/api_key_store.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <map>

namespace relay::test {

/// Knows keys by the hex of their hash, counts who asks, and can be away or slow. Only find_access works.
class FakeKeyStore final : public ApiKeyStore {
 public:
  std::map<std::string, KeyAccess> keys;
  std::atomic<int> asked{0};
  std::atomic<bool> away{false};
  std::chrono::milliseconds delay{0};

  Task<KeyAccess> find_access(ApiKeyHash hash) override {
    ++asked;
    if (delay.count() > 0) {
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
          timer(co_await boost::asio::this_coro::executor, delay);
      static_cast<void>(co_await timer.async_wait(as_result));
    }
    if (away) co_return Error(ErrorKind::unavailable, "store_away", "away");
    const auto found = keys.find(hash.hex());
    if (found == keys.end()) co_return unknown();
    co_return found->second;
  }
  Task<> insert(ApiKey, std::int64_t) override { co_return unknown(); }
  Task<KeyAccess> find_access_by_id(std::string) override { co_return unknown(); }
  Task<ApiKey> find(std::string, std::string) override { co_return unknown(); }
  Task<ApiKey> find_by_hash(ApiKeyHash) override { co_return unknown(); }
  Task<ApiKey> find_by_id(std::string) override { co_return unknown(); }
  Task<Page<ApiKey>> list(ApiKeyFilter, PageRequest) override { co_return unknown(); }
  Task<Page<ApiKey>> list_by_user(std::string, ApiKeyFilter, PageRequest) override { co_return unknown(); }
  Task<ApiKey> update(std::string, std::string, ApiKeyChanges, WallTime) override { co_return unknown(); }
  Task<> revoke(std::string, std::string, WallTime) override { co_return unknown(); }
  Task<ApiKey> replace_secret(std::string, std::string, SecretReplacement, WallTime) override {
    co_return unknown();
  }
  Task<> touch_last_used(std::vector<KeyTouch>) override { co_return ok; }
  Task<std::vector<ApiKey>> list_expiring(WallTime, std::string, WallTime, int) override {
    co_return unknown();
  }
  Task<std::int64_t> delete_revoked(WallTime, int) override { co_return unknown(); }
  Task<std::int64_t> count_by_user(std::string) override { co_return unknown(); }

 private:
  static Error unknown() { return Error(ErrorKind::not_found, "api_key_unknown", "API key not found"); }
};

}  // namespace relay::test
