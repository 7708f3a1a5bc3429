#include "relay/hold_back.h"

#include "http/sse_scanner.h"
#include "net/upstream_connections.h"
#include "relay/payload.h"
#include "relay/settle.h"

namespace relay {
namespace {

constexpr std::size_t kHeadHeldBytesMax = 64 * 1024;  // as attempt() takes it
constexpr std::size_t kEventHeldBytesMax = 64 * 1024;
constexpr std::size_t kErrorHeldBytesMax = 64 * 1024;

enum class HeldBack { enough, ended, timed_out, given_up };

// The first frame of a stream, as far as it has come.
class FirstFrame {
 public:
  explicit FirstFrame(JsonIndex& json) : json_(json) {}

  void feed(std::string_view payload) {
    if (enough_ || payload.empty()) return;
    // A comment is no event, and whoever sends some has more to say later.
    if (bytes_ == 0 && payload.front() == ':') enough_ = true;
    bytes_ += payload.size();
    events_.begin(payload);
    SseEvent event;
    if (!enough_ && events_.next(event)) {
      enough_ = true;
      look_at(event);
    }
    enough_ = enough_ || bytes_ > kEventHeldBytesMax;
  }
  bool enough(bool) const { return enough_; }
  const ErrorWords& words() const { return words_; }

 private:
  void look_at(const SseEvent& event) {
    const bool may_be = event.name == "error" || event.data.find("\"error\"") != std::string_view::npos;
    if (!may_be) return;
    words_ = error_words(event.data, json_);
    words_.is_error = words_.is_error || event.name == "error";
  }

  JsonIndex& json_;
  SseScanner events_;
  std::size_t bytes_ = 0;
  bool enough_ = false;
  ErrorWords words_;
};

class WholeError {
 public:
  void feed(std::string_view payload) { body_.append(payload); }
  bool enough(bool complete) const { return complete || body_.size() > kErrorHeldBytesMax; }
  const std::string& body() const { return body_; }

 private:
  std::string body_;
};

// Reads on until `look` has seen enough. When it had to wait, the answer lies in exchange.input from then on,
// and its head has been parsed again: the worker's scratch is other calls' meanwhile.
template <class Look>
Awaitable<HeldBack> hold_back(Exchange& exchange, Look& look, std::chrono::milliseconds patience) {
  using ReadStatus = ReadOutcome::Status;
  auto& worker = exchange.client.worker();
  auto& answer = exchange.answer;
  auto framing = answer.framing;
  const auto feed = [&](std::string_view bytes) {
    framing.feed(bytes, [&look](std::string_view payload) { look.feed(payload); });
    return look.enough(framing.complete()) || framing.complete() || framing.malformed();
  };
  if (feed(answer.rest)) co_return HeldBack::enough;

  auto& upstream = *exchange.upstream;
  keep_answer(exchange);
  auto result = HeldBack::enough;
  upstream.close_in(patience);
  while (true) {
    const auto room = worker.answer_room();
    const auto outcome = upstream.try_read(room);
    if (outcome.status == ReadStatus::data) {
      const std::string_view bytes(room.data(), outcome.bytes);
      exchange.input.append(bytes);
      if (feed(bytes)) break;
      continue;
    }
    if (outcome.status != ReadStatus::would_block) {
      result = HeldBack::ended;
      break;
    }
    static_cast<void>(co_await upstream.next_edge());
    if (upstream.is_open()) continue;
    const bool is_late = upstream.timed_out() || exchange.out_of_time;
    result = is_given_up(exchange) ? HeldBack::given_up : is_late ? HeldBack::timed_out : HeldBack::ended;
    break;
  }
  upstream.keep_open();
  see_answer_again(exchange);
  co_return result;
}

std::string decoded(ContentCoding coding, const std::string& body) {
  if (coding == ContentCoding::identity) return body;
  auto plain = decode_body(coding, body, kErrorHeldBytesMax);
  return plain.has_value() ? *std::move(plain) : std::string();
}

}  // namespace

void keep_answer(Exchange& exchange) {
  const auto& rest = exchange.answer.rest;
  const auto head_bytes = exchange.client.worker().answer_head().head_bytes();
  std::string held(rest.data() - head_bytes, head_bytes + rest.size());
  exchange.input = std::move(held);
}

void see_answer_again(Exchange& exchange) {
  auto& head = exchange.client.worker().answer_head();
  exchange.input.reserve(exchange.input.size() + kParserPadding);
  HeadReader reader(HeadLimits{.head_bytes_max = kHeadHeldBytesMax});
  static_cast<void>(reader.read_answer(exchange.input, head));
  exchange.answer.rest = std::string_view(exchange.input).substr(head.head_bytes());
}

ErrorWords error_words(std::string_view text, JsonIndex& json) {
  ErrorWords words;
  if (json.read(text) != JsonFault::none) return words;
  const auto root = json.root();
  const auto error = root.find("error");
  std::string scratch;
  const auto is_typed = root.find("type").string(scratch) == std::optional<std::string_view>("error");
  words.is_error = error.kind() == JsonValue::Kind::object || is_typed;
  // An error event of Responses has its words at the top.
  const auto& holder = error.kind() == JsonValue::Kind::object ? error : root;
  words.type = holder.find("type").string(scratch).value_or("");
  words.code = holder.find("code").string(scratch).value_or("");
  words.message = holder.find("message").string(scratch).value_or("");
  return words;
}

Task<ErrorWords> look_at_first_event(Exchange& exchange, Settlement& settlement,
                                     const AttemptLimits& limits) {
  FirstFrame frame(exchange.json);
  const auto held = co_await hold_back(exchange, frame, limits.first_byte);
  if (held == HeldBack::enough) co_return frame.words();
  exchange.first_byte = settlement.steady_now();
  if (held == HeldBack::given_up) {
    settle_given_up(exchange, settlement);
    co_return given_up(exchange);
  }
  if (held == HeldBack::timed_out) {
    settlement.settle_unanswered(exchange, AttemptOutcome::timed_out, "timeout_error");
    co_return Error(ErrorKind::gateway_timeout, "upstream_timeout",
                    "The upstream provider did not answer in time");
  }
  settlement.settle_unanswered(exchange, AttemptOutcome::upstream_cut, "no_event");
  co_return Error(ErrorKind::bad_gateway, "upstream_closed",
                  "The upstream provider closed the connection without an answer")
      .because("a stream ended before its first event");
}

Awaitable<HeldFailure> hold_failure(Exchange& exchange, const AttemptLimits& limits) {
  WholeError error;
  static_cast<void>(co_await hold_back(exchange, error, limits.idle));
  const auto& answer = exchange.answer;
  HeldFailure failure;
  failure.words = error_words(decoded(answer.coding, error.body()), exchange.json);
  auto framing = answer.framing;
  const auto used = framing.feed(answer.rest);
  const auto head_bytes = exchange.client.worker().answer_head().head_bytes();
  const bool is_whole = framing.complete() || framing.complete_at_close();
  if (!is_whole || head_bytes + used > kKeptFailureBytesMax) co_return failure;
  auto kept = std::make_shared<KeptFailure>();
  kept->bytes.assign(answer.rest.data() - head_bytes, head_bytes + used);
  kept->dialect = exchange.upstream_dialect();
  failure.answer = std::move(kept);
  co_return failure;
}

}  // namespace relay
