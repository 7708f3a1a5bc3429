#include "simulate/shape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace relay::simulate {
namespace {

constexpr std::size_t kBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kEventsMax = 10'000'000;
constexpr int kWaitMsMax = 3'600'000;

constexpr auto kWords = std::to_array<ShapeWord>({
    {"status=N", "answer with status N and the provider's error body of it (error=N is the same)"},
    {"code=WORD", "type and code in that body, and of error-event: e.g. insufficient_quota"},
    {"retry-after=S", "retry-after header, in seconds"},
    {"retry-after-ms=MS", "retry-after-ms header"},
    {"no-retry", "x-should-retry: false"},
    {"delay=MS", "wait before the head"},
    {"first=MS", "wait between the head and the body"},
    {"events=N", "N events of text in a stream"},
    {"gap=MS", "wait between events, one write each; 0: no wait, but one write each"},
    {"size=BYTES", "of a JSON body; of the text in each event"},
    {"pings=MS", "a ping so often while a stream waits (Anthropic: an event, else a comment)"},
    {"error-event=N", "an error event after N events, then the end"},
    {"cut=N", "close after N events (JSON: bytes); cut=Nb: after N bytes; cut=head: before the head"},
    {"reset=N", "the same with a TCP reset"},
    {"hang=N", "the same, but say nothing more and stay open"},
    {"chunk=BYTES", "writes of so many bytes, 1 ms apart: cuts UTF-8, CRLF and chunk heads in two"},
    {"rechunk=BYTES", "HTTP chunks of so many bytes, wherever events begin"},
    {"split-head", "the head in writes of 7 bytes"},
    {"half-head", "half of the head, then close"},
    {"head-size=BYTES", "an extra header of so many bytes"},
    {"early-hints", "a 103 answer first"},
    {"garbage", "bytes that are no HTTP in place of the head"},
    {"framing=KIND", "length, chunked, close or both (which is wrong)"},
    {"bad-chunk", "a chunk size that is no number (chunked answers)"},
    {"gzip", "content-encoding: gzip, flushed after each event"},
    {"close", "connection: close"},
    {"stale", "close right behind the answer without having said so"},
    {"trap", "close when the next request comes on this connection, without an answer"},
    {"unicode", "text of two-, three- and four-byte characters"},
    {"no-usage", "no usage in the answer"},
    {"times=N", "all of this for N requests of the same words, then plain answers"},
});

struct Number {
  std::size_t value = 0;
  char unit = 0;  // 'b', 'h' for head, or nothing
};

std::optional<Number> parse_number(std::string_view text) {
  if (text == "head") return Number{.value = 0, .unit = 'h'};
  Number number;
  const auto* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number.value);
  if (fault != std::errc() || number.value > kBytesMax) return std::nullopt;
  if (stop == end) return number;
  if (stop + 1 != end || *stop != 'b') return std::nullopt;
  number.unit = 'b';
  return number;
}

bool set_flag(std::string_view key, Shape& shape) {
  if (key == "close") return shape.close = true;
  if (key == "stale") return shape.stale = true;
  if (key == "trap") return shape.trap = true;
  if (key == "gzip") return shape.gzip = true;
  if (key == "badchunk") return shape.bad_chunk = true;
  if (key == "garbage") return shape.garbage = true;
  if (key == "halfhead") return shape.half_head = true;
  if (key == "splithead") return shape.split_head = true;
  if (key == "earlyhints") return shape.early_hints = true;
  if (key == "nousage") return shape.no_usage = true;
  if (key == "noretry") return shape.no_retry = true;
  if (key == "unicode") return shape.unicode = true;
  return false;
}

bool set_word(std::string_view key, std::string_view value, Shape& shape) {
  if (key == "code") {
    shape.code = value;
    return !value.empty() && value.find_first_of("\"\\\r\n") == std::string_view::npos;
  }
  if (key != "framing") return false;
  if (value == "length") return shape.framing = Framing::length, true;
  if (value == "chunked") return shape.framing = Framing::chunked, true;
  if (value == "close") return shape.framing = Framing::close, true;
  if (value == "both") return shape.framing = Framing::both, true;
  return false;
}

bool set_fault(Fault fault, Number number, Shape& shape) {
  using Unit = FaultPoint::Unit;
  shape.fault = fault;
  shape.at = {number.unit == 'h'   ? Unit::head
              : number.unit == 'b' ? Unit::bytes
                                   : Unit::events,
              number.value};
  return true;
}

bool set_number(std::string_view key, std::string_view text, Shape& shape) {
  const auto number = parse_number(text);
  if (!number) return false;
  if (key == "cut") return set_fault(Fault::cut, *number, shape);
  if (key == "reset") return set_fault(Fault::reset, *number, shape);
  if (key == "hang") return set_fault(Fault::hang, *number, shape);
  if (number->unit != 0) return false;
  const auto value = number->value;
  const auto wait = std::chrono::milliseconds(std::min<std::size_t>(value, kWaitMsMax));
  if (key == "status" || key == "error")
    return shape.status = static_cast<int>(value), value >= 300 && value <= 599;
  if (key == "retryafter") return shape.retry_after = static_cast<int>(value), true;
  if (key == "retryafterms") return shape.retry_after_ms = static_cast<int>(value), true;
  if (key == "delay") return shape.delay = wait, true;
  if (key == "first") return shape.first = wait, true;
  if (key == "pings") return shape.pings = wait, value > 0;
  if (key == "gap") return shape.gap = wait, true;
  if (key == "events") return shape.events = value, value > 0 && value <= kEventsMax;
  if (key == "size") return shape.size = value, true;
  if (key == "errorevent") return shape.error_event = value, true;
  if (key == "chunk") return shape.chunk = value, value > 0;
  if (key == "rechunk") return shape.rechunk = value, value > 0;
  if (key == "headsize") return shape.head_size = value, true;
  if (key == "times") return shape.times = value, value > 0;
  return false;
}

void append_key(std::string& key, std::string_view part) {
  for (const char c : part) {
    if (c != '-' && c != '_' && c != ' ') key.push_back(c);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Cuts off what is before the next `mark`.
std::string_view take(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

}  // namespace

std::span<const ShapeWord> shape_words() { return kWords; }

Result<> parse_shape(std::string_view text, Shape& shape) {
  std::string key;
  while (!text.empty()) {
    const auto word = trimmed(take(text, ','));
    if (word.empty()) continue;
    auto value = word;
    key.clear();
    append_key(key, take(value, '='));
    const bool has_value = word.find('=') != std::string_view::npos;
    value = trimmed(value);
    const bool known =
        has_value ? set_number(key, value, shape) || set_word(key, value, shape) : set_flag(key, shape);
    if (!known) {
      return Error(ErrorKind::validation, "bad_shape",
                   "x-simulate: '" + std::string(word) + "' is not understood");
    }
  }
  return ok;
}

}  // namespace relay::simulate
