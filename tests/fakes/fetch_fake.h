// Sites elsewhere that answer what a test wrote down.
#pragma once

#include "fetch/http_fetch.h"

#include <map>
#include <string>
#include <vector>

namespace relay::test {

class FetchFake final : public HttpFetch {
 public:
  Task<FetchedAnswer> fetch(FetchRequest request) override {
    calls.push_back(request);
    const auto found = answers.find(request.url);
    if (found == answers.end()) co_return Error(ErrorKind::unavailable, "fetch_failed", "nobody there");
    co_return found->second;
  }
  void answer(const std::string& url, std::string body, int status = 200) {
    answers[url] = {.status = status, .body = std::move(body)};
  }

  std::map<std::string, FetchedAnswer> answers;
  std::vector<FetchRequest> calls;
};

}  // namespace relay::test
