#include "relay/websocket_answer.h"

#include "http/field_bytes.h"

#include <boost/json/serialize.hpp>

namespace relay {
namespace {

constexpr std::size_t kAnswerBytesMax = 32UL * 1024 * 1024;
constexpr std::uint64_t kAnswerDecodedBytesMax = 256ULL * 1024 * 1024;

constexpr std::string_view kCut =
    R"({"type":"server_error","code":"upstream_cut","message":"The upstream provider's answer ended early","param":null})";

// What a client does about an error depends on these.
bool goes_with_error(const HeadField& field) {
  switch (field.known) {
    case KnownField::retry_after:
    case KnownField::x_request_id:
    case KnownField::x_relay_request_id:
    case KnownField::x_should_retry:
      return true;
    default:
      return same_field_name(field.name.substr(0, 12), "x-ratelimit-") ||
             same_field_name(field.name, "retry-after-ms");
  }
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

}  // namespace

void WebSocketAnswer::feed(std::string_view bytes, std::vector<std::string>& messages) {
  if (status_ == 0 && !read_head(bytes)) return;
  const auto used = framing_.feed(bytes, [&](std::string_view payload) {
    if (!decoder_) return take_payload(payload, messages);
    const bool goes_on =
        decoder_->feed(payload, [&](std::string_view decoded) { take_payload(decoded, messages); });
    unreadable_ = unreadable_ || !goes_on;
  });
  unreadable_ = unreadable_ || framing_.malformed() || used < bytes.size();
}

bool WebSocketAnswer::read_head(std::string_view& bytes) {
  if (unreadable_) return false;
  const auto before = head_bytes_.size();
  head_bytes_.append(bytes);
  ParsedHead head;
  const auto state = reader_.read_answer(head_bytes_, head);
  unreadable_ = state == HeadState::refused;
  if (state != HeadState::complete) return false;
  take_head(head);
  bytes.remove_prefix(head.head_bytes() - before);
  head_bytes_ = std::string();
  return true;
}

void WebSocketAnswer::take_head(const ParsedHead& head) {
  status_ = head.status();
  framing_ = body_of_answer(head, false);
  is_event_stream_ = status_ < 300 && head.value(KnownField::content_type).starts_with("text/event-stream");
  const auto coding = parse_content_coding(head.value(KnownField::content_encoding));
  if (coding != ContentCoding::identity) decoder_.emplace(coding, kAnswerDecodedBytesMax);
  if (status_ < 300) return;
  for (const HeadField field : head.fields()) {
    if (!goes_with_error(field)) continue;
    if (!headers_.empty()) headers_ += ',';
    headers_.append(quoted(field.name)).append(":").append(quoted(field.value));
  }
}

void WebSocketAnswer::take_payload(std::string_view payload, std::vector<std::string>& messages) {
  if (!is_event_stream_) {
    unreadable_ = unreadable_ || body_.size() + payload.size() > kAnswerBytesMax;
    if (!unreadable_) body_.append(payload);
    return;
  }
  events_.feed(payload, [&](std::string_view, std::string_view data) {
    auto message = conversation_.on_event(data);
    if (!message.empty()) messages.push_back(std::move(message));
  });
}

void WebSocketAnswer::end(std::vector<std::string>& messages) {
  if (status_ >= 300) {
    messages.push_back(conversation_.on_error(status_, is_whole() ? body_ : std::string_view(), headers_));
  } else if (status_ != 0 && !is_event_stream_ && is_whole()) {
    for (auto& message : conversation_.on_whole_response(body_)) messages.push_back(std::move(message));
  } else if (!conversation_.ended()) {
    messages.push_back(conversation_.on_error(502, std::string(R"({"error":)").append(kCut).append("}"), {}));
  }
}

}  // namespace relay
