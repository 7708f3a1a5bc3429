// Whatever results a provider sends, they read alike in every splitting, counts stay in their bounds; and no
// form or request breaks what looks into it.
#include "dialect/batch_results.h"
#include "dialect/file_references.h"
#include "dialect/object_answer.h"
#include "fuzz_input.h"
#include "http/multipart.h"

#include <vector>

namespace {

using namespace relay;

std::vector<BatchResult> read(std::string_view text, std::uint32_t seed, bool whole) {
  static JsonIndex json;
  std::vector<BatchResult> found;
  BatchResultLines lines(json, [&found](const BatchResult& result) { found.push_back(result); });
  const auto feed = [&lines](std::string_view piece) {
    lines.feed(piece);
    return true;
  };
  if (whole) {
    feed(text);
  } else {
    fuzz::in_pieces(text, seed, feed);
  }
  lines.end();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const auto whole = read(text, 0, true);
  const auto pieces = read(text, data[0], false);
  fuzz::require(whole.size() == pieces.size(), "as many lines in pieces");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    fuzz::require(whole[i].custom_id == pieces[i].custom_id && whole[i].dialect == pieces[i].dialect &&
                      whole[i].facts.usage == pieces[i].facts.usage,
                  "the same lines in pieces");
    fuzz::require(whole[i].facts.usage.total_tokens() >= 0, "counts are bounded");
  }
  JsonIndex json;
  static_cast<void>(read_object_answer(text, json));
  const std::string body(text);
  static_cast<void>(with_results_at("http://relay", body, json));
  if (json.read(text) == JsonFault::none) {
    const auto named = files_named_in(json.root(), 100);
    fuzz::require(named.empty() || may_name_files(text), "the quick look misses nothing");
  }
  const auto parts = parse_multipart("multipart/form-data; boundary=x", text);
  if (parts) fuzz::require(parts->size() <= 50, "parts are bounded");
  return 0;
}
