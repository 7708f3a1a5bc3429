// The client speaks Responses, the upstream Messages.
#include "translate/responses_over_messages.h"

#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/messages_to_responses_answer.h"
#include "translate/responses_to_messages_request.h"

namespace relay {
namespace {

namespace json = boost::json;
using namespace messages_responses;

class ResponsesOverMessages final : public Translation {
 public:
  explicit ResponsesOverMessages(std::int64_t created_at)
      : created_at_(created_at), stream_(asked_, created_at) {}

  Result<std::string> request(std::string_view body, std::string_view model) override {
    return to_messages_request(body, model, asked_);
  }

  Result<std::string> answer(std::string_view body) override {
    if (const auto message = parse_answer(body)) {
      if (auto response = ResponsesAnswer(asked_, created_at_).whole(*message)) return *std::move(response);
    }
    return Error(ErrorKind::internal, "upstream_answer_broken", "The upstream's answer can't be carried");
  }

  std::string error(int status, std::string_view body) override {
    const auto parsed = parse_answer(body);
    const auto* error = parsed ? object_in(*parsed, "error") : nullptr;
    const auto type = error == nullptr ? std::string_view() : text_in(*error, "type");
    const auto message = error == nullptr ? std::string_view() : text_in(*error, "message");
    const auto words = to_openai_error(status, type, message);
    return to_json_text(json::object{{"error", json::object{{"message", shown_message(message, status)},
                                                            {"type", words.type},
                                                            {"param", nullptr},
                                                            {"code", words.code}}}});
  }

  void event(std::string_view name, std::string_view data, std::string& out) override {
    const auto event = parse_answer(data);
    if (!event) return stream_.fail("server_error", "The upstream's stream is broken", out);
    const auto type = text_in(*event, "type");
    stream_.event(type.empty() ? name : type, *event, out);
  }

  void end(std::string& out) override { stream_.end(out); }

 private:
  std::int64_t created_at_;
  ResponsesAsked asked_;
  ResponsesAnswer stream_;
};

}  // namespace

std::unique_ptr<Translation> responses_over_messages(const Clock& clock) {
  const auto now = clock.now().time_since_epoch();
  return std::make_unique<ResponsesOverMessages>(
      std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::unique_ptr<Translation> responses_over_messages() { return responses_over_messages(SystemClock()); }

}  // namespace relay
