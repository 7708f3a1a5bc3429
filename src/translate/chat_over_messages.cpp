#include "translate/chat_over_messages.h"

#include "translate/chat_errors.h"
#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"
#include "translate/chat_to_messages_request.h"
#include "translate/messages_to_chat_answer.h"
#include "translate/messages_to_chat_stream.h"

namespace relay {
namespace chat_translation {
namespace {

class ChatOverMessages final : public Translation {
 public:
  explicit ChatOverMessages(const Clock& clock) : clock_(clock) {}

  Result<std::string> request(std::string_view body, std::string_view model) override {
    if (!read_whole(outer_, body)) return refused({}, "must be valid JSON, and not nested too deeply");
    TRY(auto request, to_messages_request(outer_.root(), model, inner_));
    stream_.include_usage(request.includes_usage);
    return std::move(request.body);
  }

  Result<std::string> answer(std::string_view body) override {
    if (!read_whole(outer_, body)) return broken_answer();
    return to_chat_answer(outer_.root(), clock_.now());
  }

  std::string error(int status, std::string_view body) override {
    return to_chat_error(status, body, outer_);
  }

  void event(std::string_view name, std::string_view data, std::string& out) override {
    stream_.event(name, data, out);
  }

  void end(std::string& out) override { stream_.end(out); }

 private:
  const Clock& clock_;
  JsonIndex outer_;
  JsonIndex inner_;
  MessagesToChatStream stream_{outer_, clock_};
};

}  // namespace
}  // namespace chat_translation

std::unique_ptr<Translation> chat_over_messages(const Clock& clock) {
  return std::make_unique<chat_translation::ChatOverMessages>(clock);
}

std::unique_ptr<Translation> chat_over_messages() {
  static const SystemClock clock;
  return chat_over_messages(clock);
}

}  // namespace relay
