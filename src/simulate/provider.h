// What the stand-in provider answers to a request: routes, keys, directives; no I/O.
#pragma once

#include "base/clock.h"
#include "http/head.h"
#include "simulate/answer.h"
#include "simulate/kept_objects.h"
#include "simulate/observations.h"

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace relay::simulate {

/// Of a request's body, as it comes and decoded.
inline constexpr std::size_t kRequestBytesMax = 64 * 1024 * 1024;

/// What all threads of a simulator share. Thread-safe.
class ProviderState {
 public:
  explicit ProviderState(std::string key) : required_key(std::move(key)) {}

  const std::string required_key;  // empty: any key, or none
  PrefixCache prefixes;
  Observations seen;
  KeptObjects objects;

  /// Whether one more request of these words may have its faults: true `times` times.
  bool take_turn(std::string_view words, std::size_t times);
  void reset();

 private:
  static constexpr std::size_t kWordsMax = 10'000;  // past it all counts begin anew
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> turns_;
};

/// An answer and how to send it. The provider's header lines end with CRLF each.
struct Turn {
  Answer answer;
  Shape shape;
  std::string fields;
};

/// One per thread: it keeps what is cheaper not to make anew for each request.
class Provider {
 public:
  /// `number` tells threads apart in identifiers.
  Provider(ProviderState& state, const Clock& clock, int number);

  /// `body` is whole and decoded from chunks; nothing of the request is kept.
  Turn answer(const ParsedHead& head, std::string_view body);
  /// For what can't be read: an answer of this status after which the connection ends.
  Turn refuse(int status, std::string_view message);

 private:
  struct Call;
  void route(Call& call);
  void control(Call& call);
  /// The body in plain; false when it cannot be had.
  bool decode(Call& call);
  void generate(Call& call);
  void embed(Call& call);
  // provider_objects.cpp. False: the path is none of these.
  bool serve_object(Call& call);
  void keep_file(Call& call);
  void keep_message_batch(Call& call);
  void keep_batch(Call& call);
  void keep_response(const Reply& reply);
  Answer answer_one(Dialect dialect, std::string_view path, std::string_view body);
  std::int64_t now_s() const;
  void count_turn(Call& call, std::string_view words);
  void fail(Call& call, int status, std::string_view code = {}, std::string_view message = {},
            std::string_view param = {});
  void fail(Call& call, const Error& error);
  bool has_key(const ParsedHead& head) const;
  Result<Prompt> read_prompt(std::string_view path, JsonValue body);
  std::string next_id();
  void add_fields(Call& call);
  void refresh_fields();

  ProviderState& state_;
  const Clock& clock_;
  std::string plain_;  // of a compressed request
  JsonIndex index_;
  std::string id_prefix_;
  std::uint64_t ids_ = 0;
  std::int64_t second_ = -1;  // of the texts below
  std::string date_field_, anthropic_fields_, openai_fields_;
};

}  // namespace relay::simulate
