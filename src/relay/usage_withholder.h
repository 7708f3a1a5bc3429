// Takes the chunk of usage out of a stream of Chat or Completions whose client did not ask for it.
#pragma once

#include "json/json_index.h"

#include <string>
#include <string_view>

namespace relay {

/// Whole events pass at once; one that is not whole yet waits for its end, up to 1 MB of it.
class UsageWithholder {
 public:
  /// `json` is scratch, used within a call only; it must outlive this.
  explicit UsageWithholder(JsonIndex& json) : json_(json) {}

  /// Appends to `out` what the client gets of it.
  void feed(std::string_view payload, std::string& out);
  /// At the end of the body: what the stream ended in the middle of.
  void end(std::string& out);

 private:
  /// What is left of `text` behind its last whole event; the first `seen` bytes end none.
  std::string_view pass_events(std::string_view text, std::size_t seen, std::string& out);
  bool is_usage(std::string_view event);

  JsonIndex& json_;
  std::string kept_;
};

}  // namespace relay
