#include "async/blocking_pool.h"
#include "http/field_bytes.h"
#include "relay/answer_key.h"
#include "relay/limit_headers.h"
#include "relay/pass_all.h"
#include "relay/phases.h"
#include "relay/relayed_heads.h"

#include <charconv>

namespace relay {
namespace {

// More is put into its canonical form in the pool, as it is translated there: the worker's other calls would
// wait.
constexpr std::size_t kKeyedInPlaceBytesMax = 64 * 1024;
constexpr std::size_t kKeyedBytesMax = 1024 * 1024;
constexpr std::size_t kPieceBytes = 16 * 1024;

struct Wish {
  bool asks = false;
  bool looks = true;  // for a kept answer
  bool keeps = true;
  std::chrono::milliseconds ttl{0};
};

Error bad_header(std::string_view name, const std::string& wanted) {
  return Error(ErrorKind::validation, "cache_header_invalid", std::string(name) + " " + wanted)
      .on_field(std::string(name), wanted);
}

std::chrono::milliseconds ttl_of(const Exchange& exchange, const ResponseCache& cache) {
  const auto of_key = std::chrono::seconds(exchange.key->cache_ttl_seconds.value_or(0));
  return of_key.count() > 0 ? of_key : cache.default_ttl();
}

// RFC 9111 5.2.1: directives between commas, their names in any case.
bool has_directive(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (same_header_name(trimmed(list.substr(0, comma)), name)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Result<Wish> wish_of(const Exchange& exchange, const ResponseCache& cache) {
  const auto& head = exchange.client.head();
  Wish wish{.asks = exchange.key->cache_ttl_seconds.has_value(), .ttl = ttl_of(exchange, cache)};
  if (head.has(KnownField::x_relay_cache)) {
    const auto word = head.value(KnownField::x_relay_cache);
    const bool is_known = word == "on" || word == "off" || word == "refresh";
    if (!is_known || head.repeated(KnownField::x_relay_cache))
      return bad_header("x-relay-cache", "must be on, off or refresh");
    wish.asks = word != "off";
    wish.looks = word == "on";
  }
  if (head.has(KnownField::x_relay_cache_ttl)) {
    const auto text = head.value(KnownField::x_relay_cache_ttl);
    std::int64_t seconds = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_whole = failure == std::errc() && end == text.data() + text.size();
    if (!is_whole || seconds < 1 || seconds > kCacheTtlSecondsMax ||
        head.repeated(KnownField::x_relay_cache_ttl))
      return bad_header("x-relay-cache-ttl",
                        "must be a whole number of seconds from 1 to " + std::to_string(kCacheTtlSecondsMax));
    wish.ttl = std::chrono::seconds(seconds);
  }
  for (const HeadField field : head.fields()) {
    if (!wish.asks || !same_header_name(field.name, "cache-control")) continue;
    if (has_directive(field.value, "no-cache")) wish.looks = false;
    if (has_directive(field.value, "no-store")) wish.looks = wish.keeps = false;
  }
  return wish;
}

// Nothing: this call has no answer that could be kept. A pool that is full is no reason to refuse it.
Awaitable<std::optional<CacheKey>> key_of(Exchange& exchange, BlockingPool& pool) {
  const auto body = exchange.body();
  if (body.size() > kKeyedBytesMax) co_return std::nullopt;
  const auto beside_body = words_beside_body(exchange);
  if (body.size() <= kKeyedInPlaceBytesMax)
    co_return answer_key(beside_body, body, exchange.dialect, exchange.json);
  auto work = [&beside_body, body, dialect = exchange.dialect]() -> Result<std::optional<CacheKey>> {
    JsonIndex json;
    return answer_key(beside_body, body, dialect, json);
  };
  const auto key = co_await pool.run(std::move(work));
  co_return key.has_value() ? *key : std::nullopt;
}

// False: the client is gone.
Awaitable<bool> replay(Exchange& exchange, FoundAnswer found, Settlement& settlement) {
  auto& client = exchange.client;
  const auto& answer = *found.answer;
  const bool is_1_0 = client.head().minor_version() == 0;
  const bool chunked = answer.is_event_stream && !is_1_0;
  exchange.answer.status = 200;
  exchange.first_byte = settlement.steady_now();
  std::string out;
  const auto limits = limit_header_lines(exchange);
  append_kept_answer_head(out, answer, std::chrono::floor<std::chrono::seconds>(found.age),
                          {.request_id = exchange.request_id,
                           .chunked = chunked,
                           .keep_alive = client.keeps_alive(),
                           .http_1_0 = is_1_0,
                           .limits = &limits,
                           .cache = "hit"});
  settlement.settle_kept(exchange, answer);
  exchange.plain_body.reset();
  client.release_request();
  static_cast<void>(co_await settlement.written());
  for (std::string_view left = answer.body; !left.empty();) {
    const auto piece = left.substr(0, kPieceBytes);
    left.remove_prefix(piece.size());
    if (chunked) {
      append_chunk(out, piece);
    } else {
      out.append(piece);
    }
    if (chunked && left.empty()) out.append("0\r\n\r\n");
    const iovec part{out.data(), out.size()};
    bool taken = client.try_send({&part, 1});
    if (taken && client.needs_flush()) taken = co_await client.flush();
    if (!taken) co_return false;
    out.clear();
  }
  co_return true;
}

}  // namespace

Task<bool> answer_from_cache(Exchange& exchange, ResponseCache& cache, Settlement& settlement,
                             BlockingPool& pool) {
  CO_TRY(const auto wish, wish_of(exchange, cache));
  if (!wish.asks || exchange.operation.kind != RelayOperation::Kind::generate) co_return false;
  exchange.cached_call = std::make_unique<CachedCall>(cache, wish.ttl);
  if (!wish.keeps) co_return false;
  const auto key = co_await key_of(exchange, pool);
  if (!key) co_return false;
  if (wish.looks) {
    auto found = cache.find(*key, wish.ttl);
    if (found.answer) {
      const bool taken = co_await replay(exchange, std::move(found), settlement);
      if (!taken) exchange.client.close_after();
      co_return true;
    }
  }
  exchange.cached_call->keep_under(*key, wish.looks ? CachedCall::Way::miss : CachedCall::Way::refresh);
  co_return false;
}

}  // namespace relay
