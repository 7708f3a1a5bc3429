// Where a message's body ends: after a length, after the last chunk, or when the connection closes.
#pragma once

#include "http/chunk_scanner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace relay {

/// One of the three framings of RFC 9112 6.3, behind one feed(). A value; copy it freely.
class BodyFraming {
 public:
  enum class Kind : std::uint8_t { length, chunked, until_close };

  /// No body: complete at once.
  BodyFraming() = default;
  static BodyFraming of_length(std::uint64_t bytes) { return BodyFraming(Kind::length, bytes); }
  static BodyFraming chunked() { return BodyFraming(Kind::chunked, 0); }
  static BodyFraming until_close() { return BodyFraming(Kind::until_close, 0); }

  Kind kind() const { return kind_; }

  /// As ChunkScanner::feed: calls `payload` with views into `bytes`, returns the bytes that belong to
  /// the body. What is behind them is the next message, or after malformed() nothing to be read.
  template <class Sink>
  std::size_t feed(std::string_view bytes, Sink&& payload) {
    if (kind_ == Kind::chunked) return chunks_.feed(bytes, payload);
    const auto take = kind_ == Kind::until_close
                          ? bytes.size()
                          : static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (take == 0) return 0;
    if (kind_ == Kind::length) left_ -= take;
    payload_bytes_ += take;
    payload(bytes.substr(0, take));
    return take;
  }
  std::size_t feed(std::string_view bytes) {
    return feed(bytes, [](std::string_view) {});
  }

  /// The end has been seen. Never true for until_close: there the end of the connection is the end.
  bool complete() const {
    return kind_ == Kind::length ? left_ == 0 : kind_ == Kind::chunked && chunks_.complete();
  }
  /// Tells a whole body from a cut one when the connection has ended.
  bool complete_at_close() const { return kind_ == Kind::until_close || complete(); }
  bool malformed() const { return kind_ == Kind::chunked && chunks_.malformed(); }
  /// Always true without chunks.
  bool between_chunks() const { return kind_ != Kind::chunked || chunks_.between_chunks(); }
  ChunkFault fault() const { return chunks_.fault(); }

  /// Bytes of payload seen so far.
  std::uint64_t payload_bytes() const {
    return kind_ == Kind::chunked ? chunks_.payload_bytes() : payload_bytes_;
  }
  /// How much is still to come, when the framing says it; 0 for chunked and until_close.
  std::uint64_t left_bytes() const { return left_; }

 private:
  BodyFraming(Kind kind, std::uint64_t left) : kind_(kind), left_(left) {}

  Kind kind_ = Kind::length;
  std::uint64_t left_ = 0;
  std::uint64_t payload_bytes_ = 0;
  ChunkScanner chunks_;
};

}  // namespace relay
