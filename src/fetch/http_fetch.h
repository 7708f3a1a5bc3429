// One call to a site elsewhere, whole: for what is small and seldom. Relayed calls have net/. Implementation:
// fetch/curl_fetch.
#pragma once

#include "async/task.h"
#include "http/message.h"

#include <string>
#include <vector>

namespace relay {

struct FetchRequest {
  std::string method = "GET";
  std::string url{};
  std::vector<Header> headers{};
  std::string body{};
};

struct FetchedAnswer {
  int status = 0;
  std::string body{};
};

/// Thread-safe; a call resumes on the io_context it was made from, within the implementation's deadline.
class HttpFetch {
 public:
  virtual ~HttpFetch() = default;

  /// Any status is an answer, also a redirect: it is not followed. unavailable "fetch_failed" when there was
  /// none, or one that is too large; "busy" when too many are under way.
  virtual Task<FetchedAnswer> fetch(FetchRequest request) = 0;
};

}  // namespace relay
