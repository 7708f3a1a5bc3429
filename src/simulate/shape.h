// What a caller may ask of an answer: its shape, its timing and its faults.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace relay::simulate {

/// How the end of the body is marked.
enum class Framing : std::uint8_t {
  by_kind,
  length,
  chunked,
  close,
  both
};  // by_kind: length, streams chunked

/// How an answer ends before its end.
enum class Fault : std::uint8_t { none, cut, reset, hang };

/// Where that happens: before the head, after so many events (JSON: bytes), or after so many bytes.
struct FaultPoint {
  enum class Unit : std::uint8_t { head, events, bytes };
  Unit unit = Unit::events;
  std::size_t count = 0;
};

/// Plain data; what stands here by default is a well-behaved answer at once.
struct Shape {
  int status = 0;        // of an error answer; 0: none asked for
  std::string code;      // type and code of the error's body; empty: the usual one of the status
  int retry_after = -1;  // seconds
  int retry_after_ms = -1;
  std::chrono::milliseconds delay{0};            // before the head
  std::chrono::milliseconds first{0};            // between head and body
  std::chrono::milliseconds pings{0};            // a ping so often while a stream waits
  std::optional<std::chrono::milliseconds> gap;  // between events; without it all go out in one write
  std::optional<std::size_t> events;             // of text
  std::optional<std::size_t> size;               // bytes: of a JSON body, of each event's text
  std::optional<std::size_t> error_event;        // an error event after so many events
  std::size_t chunk = 0;                         // bytes of a write
  std::size_t rechunk = 0;                       // bytes of an HTTP chunk
  std::size_t head_size = 0;                     // bytes of an extra header
  std::size_t times = 0;                         // only so many requests of this shape get it; 0: all
  Framing framing = Framing::by_kind;
  Fault fault = Fault::none;
  FaultPoint at;
  bool close = false, stale = false, trap = false, gzip = false, bad_chunk = false, garbage = false;
  bool half_head = false, split_head = false, early_hints = false, no_usage = false, no_retry = false,
       unicode = false;
};

/// One line of the table of what can be asked for; static storage.
struct ShapeWord {
  std::string_view word;     // "error-event=N"
  std::string_view meaning;  // one line
};

/// For --help; README.md has them in more words.
std::span<const ShapeWord> shape_words();

/// Reads "k=v,k=v" on top of `shape`. Hyphens and underscores in keys are not looked at. validation
/// "bad_shape", naming the word, for what is not in the table.
Result<> parse_shape(std::string_view text, Shape& shape);

}  // namespace relay::simulate
