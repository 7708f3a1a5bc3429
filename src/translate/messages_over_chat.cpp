#include "translate/chat_errors.h"
#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"
#include "translate/chat_to_messages_answer.h"
#include "translate/chat_to_messages_stream.h"
#include "translate/messages_to_chat_request.h"
#include "translate/translation.h"

namespace relay {
namespace chat_translation {
namespace {

class MessagesOverChat final : public Translation {
 public:
  explicit MessagesOverChat(bool asks_for_usage) : asks_for_usage_(asks_for_usage) {}

  Result<std::string> request(std::string_view body, std::string_view model) override {
    if (!read_whole(outer_, body)) return refused({}, "must be valid JSON, and not nested too deeply");
    TRY(auto request, to_chat_request(outer_.root(), model, asks_for_usage_));
    shows_thinking_ = request.shows_thinking;
    stream_.show_thinking(shows_thinking_);
    return std::move(request.body);
  }

  Result<std::string> answer(std::string_view body) override {
    if (!read_whole(outer_, body)) return broken_answer();
    return to_messages_answer(outer_.root(), shows_thinking_, inner_);
  }

  std::string error(int status, std::string_view body) override {
    return to_messages_error(status, body, outer_);
  }

  void event(std::string_view, std::string_view data, std::string& out) override { stream_.event(data, out); }

  void end(std::string& out) override { stream_.end(out); }

 private:
  JsonIndex outer_;
  JsonIndex inner_;
  ChatToMessagesStream stream_{outer_};
  bool shows_thinking_ = false;
  const bool asks_for_usage_;
};

}  // namespace
}  // namespace chat_translation

std::unique_ptr<Translation> messages_over_chat(bool asks_for_usage) {
  return std::make_unique<chat_translation::MessagesOverChat>(asks_for_usage);
}

}  // namespace relay
