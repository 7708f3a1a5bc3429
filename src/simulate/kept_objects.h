// The files, batches and responses that the stand-in provider was given to keep.
#pragma once

#include "simulate/answer.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay::simulate {

struct KeptObject {
  std::string id{};
  std::string collection{};  // "/v1/files"
  Dialect dialect = Dialect::openai;
  std::string body{};               // the object's JSON
  std::string content{};            // of a file; of a batch of Anthropic's its results
  std::optional<Reply> reply = {};  // of a response
};

/// In memory: at most 1,000 objects and 64 MB of content; the oldest make room. Thread-safe.
class KeptObjects {
 public:
  void put(KeptObject object);
  /// Null when there is none.
  std::shared_ptr<const KeptObject> find(std::string_view collection, Dialect dialect,
                                         std::string_view id) const;
  /// Newest first.
  std::vector<std::shared_ptr<const KeptObject>> list(std::string_view collection, Dialect dialect) const;
  bool remove(std::string_view collection, Dialect dialect, std::string_view id);
  void clear();

 private:
  static constexpr std::size_t kObjectsMax = 1000;
  static constexpr std::size_t kContentBytesMax = 64 * 1024 * 1024;

  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const KeptObject>> objects_;  // oldest first
  std::size_t content_bytes_ = 0;
};

}  // namespace relay::simulate
