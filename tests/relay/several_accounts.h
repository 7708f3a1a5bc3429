// Several scripted providers behind the pipeline, in the order of their accounts.
#pragma once

#include "relay/relay_under_test.h"

#include <algorithm>

namespace relay::test {

inline constexpr std::string_view kOverloaded =
    R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded, they say"}})";

inline std::string refusal(int status, std::string_view body = kOverloaded, std::string_view more_head = "") {
  return std::string("HTTP/1.1 ")
      .append(std::to_string(status))
      .append(" Refused\r\ncontent-type: application/json\r\nrequest-id: req_refused\r\n")
      .append(more_head)
      .append("content-length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

/// Answers each request with what `answer` makes of it, until the relay closes.
inline ScriptedUpstream::Script answering(std::function<std::string(const std::string& request)> answer,
                                          std::atomic<int>* requests = nullptr) {
  return [answer = std::move(answer), requests](BlockingSocket& provider, int) {
    while (true) {
      const auto request = provider.receive_message();
      if (request.empty()) return;
      if (requests != nullptr) ++*requests;
      const auto bytes = answer(request);
      if (bytes.empty() || !provider.send(bytes)) return;
    }
  };
}

class SeveralAccounts : public RelayUnderTest {
 protected:
  void TearDown() override {
    RelayUnderTest::TearDown();
    providers_.clear();
  }
  UpstreamAccount& add(ScriptedUpstream::Script script) {
    providers_.push_back(std::make_unique<ScriptedUpstream>(std::move(script)));
    return add_at(providers_.back()->port());
  }
  UpstreamAccount& add_at(std::uint16_t port) {
    const auto id = "upa_" + std::to_string(more_accounts_.size() + 1);
    auto account = UpstreamAccount::from_settings(id, Provider::anthropic,
                                                  "http://127.0.0.1:" + std::to_string(port), "sk-up", "URL");
    // In their order.
    account->priority = static_cast<int>(more_accounts_.size());
    more_accounts_.push_back(std::move(account).value());
    return more_accounts_.back();
  }
  void begin() { start_before_port(1); }
  std::string ask(std::string_view body = R"({"model":"claude-sonnet-4-5"})") {
    auto client = dial();
    client.send(request("", body));
    return client.receive_message();
  }

  std::vector<std::unique_ptr<ScriptedUpstream>> providers_;
  std::atomic<int> first_{0}, second_{0};
};

inline ScriptedUpstream::Script well(std::atomic<int>* requests = nullptr) {
  return answering([](const std::string&) { return answer_of(kMessageJson); }, requests);
}

}  // namespace relay::test
