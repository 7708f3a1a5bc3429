// Finds the payload and the end of a chunked body (RFC 9112 7.1) in bytes that pass by unchanged.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace relay {

/// Why a chunked body is not well-formed. Everything that two readers might read in two ways is refused
/// (RFC 9112 7.1, 11.1, 11.2), from clients and from upstreams alike.
enum class ChunkFault : std::uint8_t {
  none,
  bad_size,          // no hex digit where a chunk size must stand, or a byte after it that may not
  size_too_large,    // over kChunkBytesMax
  line_too_long,     // size and extensions over kChunkLineBytesMax
  bad_extension,     // a control byte, or white space with no extension behind it
  bare_cr,           // CR without LF
  bare_lf,           // LF without CR
  missing_crlf,      // the payload of a chunk is not followed by CRLF
  trailer_too_long,  // over kTrailerBytesMax
  bad_trailer,       // not a field line of RFC 9112 5: a fold, a space before the colon, a control byte
};

/// A short English clause for logs and errors; static storage.
std::string_view describe(ChunkFault fault);

/// Incremental: any splitting of the input gives the same payload and the same end. Nothing is copied
/// or allocated; 40 bytes of state.
class ChunkScanner {
 public:
  /// Reads on. `payload` is called with views into `bytes`, each not empty, in order. Returns how many
  /// bytes belong to this body: less than bytes.size() when complete() (the rest is the next message)
  /// or when malformed() (then nothing after them may be trusted: close the connection).
  template <class Sink>
  std::size_t feed(std::string_view bytes, Sink&& payload) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ < State::done) {
      if (state_ == State::data) {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
        payload(bytes.substr(at, take));
        at += take;
        left_ -= take;
        payload_bytes_ += take;
        if (left_ == 0) state_ = State::data_cr;
      } else {
        at = scan_framing(bytes, at);
      }
    }
    return at;
  }
  std::size_t feed(std::string_view bytes) {
    return feed(bytes, [](std::string_view) {});
  }

  bool complete() const { return state_ == State::done; }
  bool malformed() const { return state_ == State::broken; }
  /// The next byte begins a chunk's size: another chunk may be put in here.
  bool between_chunks() const { return state_ == State::size_first; }
  ChunkFault fault() const { return fault_; }
  /// Bytes of payload seen so far.
  std::uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    space,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    broken,
  };
  /// From a state of framing to the next payload byte, the end, a fault, or the end of the input.
  std::size_t scan_framing(std::string_view bytes, std::size_t at);
  void fail(ChunkFault fault);

  std::uint64_t left_ = 0;  // of the chunk at hand
  std::uint64_t payload_bytes_ = 0;
  std::uint32_t line_bytes_ = 0;  // of the chunk line at hand
  std::uint32_t trailer_bytes_ = 0;
  State state_ = State::size_first;
  ChunkFault fault_ = ChunkFault::none;
};

}  // namespace relay
