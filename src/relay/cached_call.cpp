#include "relay/cached_call.h"

#include <array>

namespace relay {
namespace {

// What belongs to the body, and the name under which the provider knows the request. All else of its head
// speaks of one moment: limits, times, connections.
bool is_kept(const HeadField& field) {
  constexpr KnownFieldSet kKept(KnownField::content_type, KnownField::content_encoding,
                                KnownField::request_id, KnownField::x_request_id);
  return kKept.contains(field.known) || same_header_name(field.name, "cache-control");
}

}  // namespace

std::string_view CachedCall::word() const {
  constexpr std::array<std::string_view, 3> kWords{"bypass", "miss", "refresh"};
  return kWords[static_cast<std::size_t>(way_)];
}

void CachedCall::begin(const ParsedHead& provider_head, bool is_event_stream) {
  if (!copies_) return;
  std::vector<Header> headers;
  for (const HeadField field : provider_head.fields()) {
    if (is_kept(field)) headers.push_back({std::string(field.name), std::string(field.value)});
  }
  begin(std::move(headers), is_event_stream);
}

void CachedCall::begin(std::vector<Header> headers, bool is_event_stream) {
  answer_.headers = std::move(headers);
  answer_.is_event_stream = is_event_stream;
}

void CachedCall::take(std::string_view bytes) {
  if (!copies_) return;
  copies_ = answer_.body.size() + bytes.size() <= cache_.body_bytes_max();
  if (copies_) {
    answer_.body.append(bytes);
  } else {
    answer_.body = std::string();
  }
}

void CachedCall::judge(const UsageRecordView& record, bool is_complete) {
  is_sound_ = is_complete && record.status == 200 && record.outcome == AttemptOutcome::completed &&
              !record.estimated && record.error_type.empty();
  answer_.usage = record.usage;
  answer_.mode = {std::string(record.mode.service_tier), std::string(record.mode.speed),
                  std::string(record.mode.inference_geo)};
  answer_.model = record.model;
  answer_.message_id = record.message_id;
}

void CachedCall::end() {
  if (copies_ && is_sound_) cache_.keep(key_, std::move(answer_), ttl_);
  copies_ = false;
}

}  // namespace relay
