// Any splitting of a stream gives the same events, and they are those of a plain reading of the standard.
#include "fuzz_input.h"
#include "http/sse_scanner.h"

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace relay;

constexpr std::size_t kLimit = 200;

struct Seen {
  std::vector<std::pair<std::string, std::string>> events;
  std::uint64_t skipped = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen scan(std::string_view input, std::uint32_t seed, bool whole) {
  Seen seen;
  SseScanner scanner(kLimit);
  const auto feed = [&](std::string_view piece) {
    scanner.feed(piece,
                 [&](std::string_view name, std::string_view data) { seen.events.emplace_back(name, data); });
    return true;
  };
  if (whole) {
    feed(input);
  } else {
    fuzz::in_pieces(input, seed, feed);
  }
  seen.skipped = scanner.skipped_events();
  return seen;
}

/// WHATWG HTML 9.2.6, step by step; only the limit is ours.
Seen by_the_standard(std::string_view input) {
  Seen seen;
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (input[i] != '\r' && input[i] != '\n') {
      line += input[i];
      continue;
    }
    if (input[i] == '\r' && i + 1 < input.size() && input[i + 1] == '\n') ++i;
    lines.push_back(std::exchange(line, {}));
  }
  std::string name;
  std::string data;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bytes += lines[i].size();
    std::string text = lines[i];
    if (i == 0 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.empty()) {
      if (bytes > kLimit) {
        ++seen.skipped;
      } else if (!data.empty()) {
        data.pop_back();
        seen.events.emplace_back(name, data);
      }
      name.clear();
      data.clear();
      bytes = 0;
      continue;
    }
    const auto colon = text.find(':');
    const auto field = text.substr(0, colon);
    auto value = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    if (value.starts_with(' ')) value.erase(0, 1);
    if (field == "event") name = value;
    if (field == "data") data += value + '\n';
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto input = fuzz::text_of(data + 1, size - 1);
  const auto whole = scan(input, 0, true);
  fuzz::require(whole == by_the_standard(input), "the events of the standard");
  fuzz::require(whole == scan(input, data[0], false), "the same events in pieces");
  fuzz::require(whole == scan(input, data[0] + 1000U, false), "the same events in other pieces");
  return 0;
}
