// What a call that asks for the response cache has to do with it.
#pragma once

#include "cache/response_cache.h"
#include "domain/usage_record.h"
#include "http/head.h"

#include <memory>
#include <string_view>

namespace relay {

/// Exchange::cached_call; null for a call that does not ask. It copies what its client gets, up to the bound
/// of an entry, and keeps it when the answer has ended well.
class CachedCall {
 public:
  /// How the answer came about, as x-relay-cache tells the client: bypass when it can be none of the others.
  enum class Way { bypass, miss, refresh };

  CachedCall(ResponseCache& cache, std::chrono::milliseconds ttl) : cache_(cache), ttl_(ttl) {}

  /// The answer will be looked at under `key`.
  void keep_under(const CacheKey& key, Way way) {
    key_ = key;
    way_ = way;
    copies_ = true;
  }
  std::string_view word() const;

  /// The head that goes to the client: of the provider's, what belongs to the body and the request's id.
  void begin(const ParsedHead& provider_head, bool is_event_stream);
  /// Of a translated answer.
  void begin(std::vector<Header> headers, bool is_event_stream);
  /// More of the body, as the client gets it but for the framing.
  void take(std::string_view bytes);
  /// Only a successful answer that ended as its protocol says, with every count reported, is worth keeping.
  void judge(const UsageRecordView& record, bool is_complete);
  /// All of it has come and was judged; before its end goes to the client, who may ask again at once.
  void end();

 private:
  ResponseCache& cache_;
  std::chrono::milliseconds ttl_;
  CacheKey key_{};
  Way way_ = Way::bypass;
  bool copies_ = false;
  bool is_sound_ = false;
  KeptAnswer answer_;
};

}  // namespace relay
