// Compressed bodies: answers are read as they pass, requests to look inside. The bytes themselves go on as
// they came. gzip and deflate (RFC 9110 8.4.1), br (RFC 7932), zstd (RFC 8878).
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace relay {

enum class ContentCoding : std::uint8_t { identity, gzip, deflate, br, zstd, unknown };
/// One coding; several of them, one over the other, are unknown.
ContentCoding parse_content_coding(std::string_view content_encoding);

/// What a request may come in, in the words of Accept-Encoding (RFC 7694).
inline constexpr std::string_view kDecodableCodings = "gzip, deflate, br, zstd";

/// The codings of a client's Accept-Encoding that we can read, as a header value for the upstream: those of
/// kDecodableCodings and identity stay with their weights, others and `*` go. Empty: send no such header.
std::string readable_codings(std::string_view accept_encoding);

/// Decodes piece by piece. What comes out is bounded; past the bound, or after damaged input, it stops for
/// good. A zstd frame that wants a window over 8 MB (RFC 9659) is damaged.
class ContentDecoder {
 public:
  /// Not for identity; of an unknown coding it has stopped from the start.
  ContentDecoder(ContentCoding coding, std::uint64_t output_bytes_max);
  ~ContentDecoder();
  ContentDecoder(ContentDecoder&&) noexcept;
  ContentDecoder& operator=(ContentDecoder&&) noexcept;

  /// Calls `out` with what `piece` holds, in pieces of at most 16 KB. False when it has stopped.
  template <class Sink>
  bool feed(std::string_view piece, Sink&& out) {
    begin(piece);
    std::string_view decoded;
    while (next(decoded)) out(decoded);
    return !stopped_;
  }
  bool stopped() const { return stopped_; }
  /// The coding's own end has come, and nothing behind it.
  bool complete() const { return ended_ && rest_.empty() && !stopped_; }
  /// Why it stopped: what came out was too much, else the input was damaged.
  bool over_bound() const { return over_bound_; }

 private:
  class Format;
  class Zlib;
  class Brotli;
  class Zstd;
  static std::unique_ptr<Format> make_format(ContentCoding coding);

  void begin(std::string_view piece);
  bool next(std::string_view& decoded);

  std::unique_ptr<Format> format_;
  std::string_view rest_;
  std::uint64_t room_;
  bool stopped_ = false;
  bool over_bound_ = false;
  bool ended_ = false;
  bool more_pending_ = false;
};

/// A whole body, decoded. validation ("request_body_undecodable") when it is damaged, cut, or has something
/// behind its end: another reader might see that; payload_too_large over `bytes_max`.
Result<std::string> decode_body(ContentCoding coding, std::string_view body, std::size_t bytes_max);

}  // namespace relay
