// Any splitting of a chunked body gives the same payload, the same end and the same fault.
#include "fuzz_input.h"
#include "http/body_framing.h"
#include "http/head_limits.h"

#include <string>

namespace {

using namespace relay;

struct Seen {
  std::string payload;
  std::size_t consumed = 0;
  bool complete = false;
  ChunkFault fault = ChunkFault::none;
};

Seen scan(std::string_view input, std::uint32_t seed, bool whole) {
  Seen seen;
  auto framing = BodyFraming::chunked();
  const auto feed = [&](std::string_view piece) {
    const auto took = framing.feed(piece, [&](std::string_view part) {
      fuzz::require(!part.empty() && part.data() >= piece.data() &&
                        part.data() + part.size() <= piece.data() + piece.size(),
                    "payload lies in the piece");
      seen.payload += part;
    });
    fuzz::require(took <= piece.size(), "no more is taken than given");
    seen.consumed += took;
    fuzz::require(took == piece.size() || framing.complete() || framing.malformed(),
                  "all is taken until the end");
    return !framing.complete() && !framing.malformed();
  };
  if (whole) {
    feed(input);
  } else {
    fuzz::in_pieces(input, seed, feed);
  }
  seen.complete = framing.complete();
  seen.fault = framing.fault();
  fuzz::require(framing.payload_bytes() == seen.payload.size(), "payload is counted");
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto input = fuzz::text_of(data + 1, size - 1);
  const auto a = scan(input, 0, true);
  for (const std::uint32_t seed : {std::uint32_t{data[0]}, std::uint32_t{data[0]} + 1000U}) {
    const auto b = scan(input, seed, false);
    fuzz::require(a.payload == b.payload, "the same payload");
    fuzz::require(a.complete == b.complete, "the same end");
    fuzz::require(a.fault == b.fault, "the same fault");
    fuzz::require(!a.complete || a.consumed == b.consumed, "the end is at the same place");
  }
  return 0;
}
