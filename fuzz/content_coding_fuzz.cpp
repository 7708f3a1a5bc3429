// Damaged and hostile compressed data: no crash, never more out than is allowed, and the same for every
// splitting.
#include "fuzz_input.h"
#include "http/content_coding.h"

#include <string>

namespace {

using namespace relay;

constexpr std::size_t kDecodedMax = 4 * 1024 * 1024;

std::string read(ContentCoding coding, std::string_view input, std::uint32_t seed, bool& complete) {
  std::string text;
  ContentDecoder decoder(coding, kDecodedMax);
  fuzz::in_pieces(input, seed, [&](std::string_view piece) {
    return decoder.feed(piece, [&text](std::string_view out) { text.append(out); });
  });
  complete = decoder.complete();
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto coding = static_cast<ContentCoding>(1 + data[0] % 4);
  const auto input = fuzz::text_of(data + 1, size - 1);
  const auto decoded = decode_body(coding, input, kDecodedMax);
  if (decoded.has_value()) fuzz::require(decoded.value().size() <= kDecodedMax, "the bound");
  bool complete = false;
  const auto pieces = read(coding, input, data[0], complete);
  fuzz::require(pieces.size() <= kDecodedMax, "the bound in pieces");
  if (decoded.has_value()) {
    fuzz::require(complete, "what is whole is whole in pieces");
    fuzz::require(pieces == decoded.value(), "the same text in pieces");
  }
  return 0;
}
