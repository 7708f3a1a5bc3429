#include "relay/tap.h"

#include <utility>

namespace relay {
namespace {

constexpr std::uint64_t kDecodedBytesMax = 256ULL * 1024 * 1024;
constexpr std::size_t kKeptJsonBytesMax = 32 * 1024 * 1024;
constexpr std::size_t kTapPadding = 64;

}  // namespace

Tap::Tap(WireDialect dialect, JsonIndex& json, int status, bool is_event_stream, ContentCoding coding)
    : reader_(dialect, json),
      is_error_(status >= 400),
      is_event_stream_(is_event_stream && !is_error_),
      unreadable_(coding == ContentCoding::unknown) {
  if (!unreadable_ && coding != ContentCoding::identity) {
    decoder_ = std::make_unique<ContentDecoder>(coding, kDecodedBytesMax);
  }
}

void Tap::feed(std::string_view payload) {
  if (unreadable_) return;
  if (decoder_ == nullptr) return take(payload);
  unreadable_ = !decoder_->feed(payload, [this](std::string_view decoded) { take(decoded); });
}

void Tap::take(std::string_view payload) {
  if (left_) {
    if (other_ != nullptr) other_->feed(payload);
    return;
  }
  if (is_event_stream_) {
    events_.feed(payload,
                 [this](std::string_view name, std::string_view data) { reader_.on_event(name, data); });
    complete_ = reader_.facts().complete;
    return;
  }
  // The decoder's pieces lie in one buffer, so they must be kept.
  if (whole_.empty() && kept_.empty() && decoder_ == nullptr) {
    whole_ = payload;
    return;
  }
  kept_.append(whole_);
  whole_ = {};
  if (kept_.size() + payload.size() > kKeptJsonBytesMax) {
    unreadable_ = true;
    kept_ = std::string();
    return;
  }
  kept_.append(payload);
}

void Tap::end_of_read(bool body_complete) {
  if (left_) {
    if (!body_complete) return;
    complete_ = true;
    if (other_ != nullptr && !unreadable_) std::exchange(other_, nullptr)->end();
    return;
  }
  if (is_event_stream_) return;
  if (body_complete) {
    if (!unreadable_) {
      if (whole_.empty()) kept_.reserve(kept_.size() + kTapPadding);
      read_whole(whole_.empty() ? std::string_view(kept_) : whole_);
    }
    complete_ = true;
    kept_ = std::string();
  } else {
    kept_.append(whole_);
  }
  whole_ = {};
}

void Tap::read_whole(std::string_view body) {
  if (is_error_) return reader_.on_error(body);
  reader_.on_json(body);
}

const AnswerFacts& Tap::finish() {
  // What a cut JSON answer said before the cut is what the estimate rests on.
  if (!is_event_stream_ && !complete_ && !kept_.empty()) read_whole(kept_);
  return reader_.finish();
}

}  // namespace relay
