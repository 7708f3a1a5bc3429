#include "relay/tap.h"

#include <utility>

namespace relay {
namespace {

// Of vectors: usage stands behind them, at some compatible providers before them.
constexpr std::size_t kEndBytes = 8 * 1024;
constexpr std::size_t kEndsKeptBytesMax = 64 * 1024;

}  // namespace

Tap::Tap(WireDialect dialect, JsonIndex& json, int status, bool is_event_stream, ContentCoding coding)
    : reader_(dialect, json),
      payload_(coding),
      is_error_(status >= 400),
      is_event_stream_(is_event_stream && !is_error_),
      keeps_ends_(dialect == WireDialect::openai_embeddings && !is_error_) {}

void Tap::feed(std::string_view payload) {
  payload_.feed(payload, [this](std::string_view decoded) { take(decoded); });
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
  if (whole_.empty() && kept_.empty() && !payload_.is_coded()) {
    whole_ = payload;
    return;
  }
  keep(whole_);
  whole_ = {};
  keep(payload);
}

void Tap::keep(std::string_view payload) {
  kept_.append(payload);
  if (keeps_ends_) {
    if (kept_.size() > kEndsKeptBytesMax) kept_.erase(kEndBytes, kept_.size() - 2 * kEndBytes);
  } else if (kept_.size() > kWholeAnswerBytesMax) {
    payload_.give_up();
    kept_ = std::string();
  }
}

void Tap::end_of_read(bool body_complete) {
  if (left_) {
    if (!body_complete) return;
    complete_ = true;
    if (other_ != nullptr && payload_.readable()) std::exchange(other_, nullptr)->end();
    return;
  }
  if (is_event_stream_) return;
  if (body_complete) {
    if (payload_.readable()) {
      if (whole_.empty()) kept_.reserve(kept_.size() + kParserPadding);
      read_whole(whole_.empty() ? std::string_view(kept_) : whole_);
    }
    complete_ = true;
    kept_ = std::string();
  } else {
    keep(whole_);
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
