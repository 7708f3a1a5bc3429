// What an answer says, behind its content coding.
#pragma once

#include "http/content_coding.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace relay {

inline constexpr std::uint64_t kDecodedAnswerBytesMax = 256ULL * 1024 * 1024;
inline constexpr std::size_t kWholeAnswerBytesMax = 32 * 1024 * 1024;
inline constexpr std::size_t kParserPadding = 64;  // a parser's look-ahead

/// Takes the payload (chunk framing taken off) in any pieces, gives it on decoded. What can't be read is
/// given no further.
class Payload {
 public:
  explicit Payload(ContentCoding coding, std::uint64_t bytes_max = kDecodedAnswerBytesMax)
      : readable_(coding != ContentCoding::unknown) {
    if (readable_ && coding != ContentCoding::identity)
      decoder_ = std::make_unique<ContentDecoder>(coding, bytes_max);
  }

  /// `sink` gets views: into `bytes`, or when is_coded() into a buffer that the next one writes over.
  template <class Sink>
  void feed(std::string_view bytes, Sink&& sink) {
    if (!readable_) return;
    if (decoder_ == nullptr) return sink(bytes);
    readable_ = decoder_->feed(bytes, sink);
  }
  bool readable() const { return readable_; }
  bool is_coded() const { return decoder_ != nullptr; }
  void give_up() { readable_ = false; }

 private:
  std::unique_ptr<ContentDecoder> decoder_;  // a stream's whole life long: most have none
  bool readable_;
};

}  // namespace relay
