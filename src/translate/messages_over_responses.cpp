// The client speaks Messages, the upstream Responses.
#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/messages_to_responses_request.h"
#include "translate/responses_to_messages_answer.h"
#include "translate/responses_to_messages_stream.h"
#include "translate/translation.h"

namespace relay {
namespace {

namespace json = boost::json;
using namespace messages_responses;

class MessagesOverResponses final : public Translation {
 public:
  explicit MessagesOverResponses(bool is_count) : asked_{.is_count = is_count}, stream_(asked_) {}

  Result<std::string> request(std::string_view body, std::string_view model) override {
    return to_responses_request(body, model, asked_);
  }

  Result<std::string> answer(std::string_view body) override {
    if (const auto response = parse_answer(body)) {
      if (asked_.is_count) return count(*response);
      if (auto message = to_message(*response, asked_)) return *std::move(message);
    }
    return broken();
  }

  std::string error(int status, std::string_view body) override {
    const auto parsed = parse_answer(body);
    const auto* error = parsed ? object_in(*parsed, "error") : nullptr;
    const auto code = error == nullptr ? std::string_view() : text_in(*error, "code");
    const auto type = error == nullptr ? std::string_view() : text_in(*error, "type");
    auto message = shown_message(error == nullptr ? std::string_view() : text_in(*error, "message"), status);
    if (code == kContextExceeded) message = std::string(kPromptTooLong) + ": " + message;
    return to_json_text(json::object{{"type", "error"},
                                     {"error", json::object{{"type", to_anthropic_error(status, code, type)},
                                                            {"message", std::move(message)}}}});
  }

  void event(std::string_view name, std::string_view data, std::string& out) override {
    if (data == "[DONE]") return;  // of upstreams that end every stream so
    const auto event = parse_answer(data);
    if (!event) return stream_.broken(out);
    const auto type = text_in(*event, "type");
    stream_.event(type.empty() ? name : type, *event, out);
  }

  void end(std::string& out) override { stream_.end(out); }

 private:
  static Error broken() {
    return Error(ErrorKind::internal, "upstream_answer_broken", "The upstream's answer can't be carried");
  }
  static Result<std::string> count(const json::object& response) {
    const auto* tokens = response.if_contains("input_tokens");
    if (tokens == nullptr || !tokens->is_number()) return broken();
    return to_json_text(json::object{{"input_tokens", *tokens}});
  }

  MessagesAsked asked_;
  MessageStream stream_;
};

}  // namespace

std::unique_ptr<Translation> messages_over_responses() {
  return std::make_unique<MessagesOverResponses>(false);
}

std::unique_ptr<Translation> message_counts_over_responses() {
  return std::make_unique<MessagesOverResponses>(true);
}

}  // namespace relay
