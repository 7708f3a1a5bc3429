// Reading compressed answers as they pass: the client gets the provider's bytes, the tap what is in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace relay {

/// The codings of a client's Accept-Encoding that we can read, as a header value for the upstream:
/// gzip, deflate and identity stay with their weights, br, zstd and `*` go. Empty: send no such header.
std::string readable_codings(std::string_view accept_encoding);

enum class ContentCoding : std::uint8_t { identity, gzip, deflate, unknown };
ContentCoding parse_content_coding(std::string_view content_encoding);

/// Inflates gzip and deflate (the zlib form, RFC 9110 8.4.1.2) piece by piece. What comes
/// out is bounded; past the bound, or after damaged input, it stops for good.
class Inflater {
 public:
  Inflater(ContentCoding coding, std::uint64_t output_bytes_max);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  /// Calls `out` with what `piece` holds, in pieces of at most 16 KB. False when it has stopped.
  template <class Sink>
  bool feed(std::string_view piece, Sink&& out) {
    begin(piece);
    std::string_view inflated;
    while (next(inflated)) out(inflated);
    return !stopped_;
  }
  bool stopped() const { return stopped_; }

 private:
  void begin(std::string_view piece);
  bool next(std::string_view& inflated);

  std::unique_ptr<z_stream_s> stream_;
  std::string_view rest_;
  std::uint64_t room_;
  bool stopped_ = false;
  bool ended_ = false;
  bool more_pending_ = false;
};

}  // namespace relay
