#include "translate/messages_to_chat_parts.h"

#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array kTextFields{FieldRule{"type"}, FieldRule{"text"}, FieldRule{"cache_control", Fate::hint},
                                 FieldRule{"citations", Fate::hint}};
constexpr std::array kImageFields{FieldRule{"type"}, FieldRule{"source"},
                                  FieldRule{"cache_control", Fate::hint}};
constexpr std::array kDocumentFields{FieldRule{"type"},      FieldRule{"source"},
                                     FieldRule{"title"},     FieldRule{"context"},
                                     FieldRule{"citations"}, FieldRule{"cache_control", Fate::hint}};
constexpr std::array kCitationsFields{FieldRule{"enabled", Fate::refused, "false"}};
constexpr std::array kBase64Fields{FieldRule{"type"}, FieldRule{"media_type"}, FieldRule{"data"}};
constexpr std::array kUrlFields{FieldRule{"type"}, FieldRule{"url"}};
constexpr std::array kContentFields{FieldRule{"type"}, FieldRule{"content"}};

Result<> add_text(ChatParts& parts, JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kTextFields));
  TRY(auto text, needed(block, place, "text", Kind::string));
  parts.add_text(text);
  return {};
}

// The data URL; `source` has been checked.
Result<> write_data_url(JsonText& out, std::string_view key, JsonValue source, const Place& place) {
  TRY(auto media_type, needed(source, place, "media_type", Kind::string));
  TRY(auto data, needed(source, place, "data", Kind::string));
  out.key(key).open_text().piece("data:").piece_of(media_type).piece(";base64,").piece_of(data).close_text();
  return {};
}

Result<> add_image(ChatParts& parts, JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kImageFields));
  const auto here = place.in("source");
  TRY(auto source, needed(block, place, "source", Kind::object));
  TRY(auto type, needed_word(source, here, "type"));
  auto& out = parts.add();
  out.open().member_text("type", "image_url").key("image_url").open();
  if (type == "url") {
    CHECK(check_fields(source, here, kUrlFields));
    TRY(auto url, needed(source, here, "url", Kind::string));
    out.member("url", url);
  } else if (type == "base64") {
    CHECK(check_fields(source, here, kBase64Fields));
    CHECK(write_data_url(out, "url", source, here));
  } else {
    return refused(here.in("type"), kNotCarried);  // a file lives with the provider that it was given to
  }
  out.close().close();
  return {};
}

// A document made of text or of blocks: Chat has none, and its text is text.
Result<> add_inner_content(ChatParts& parts, JsonValue content, const Place& place) {
  if (content.kind() == Kind::string) {
    parts.add_text(content);
    return {};
  }
  if (content.kind() != Kind::array) return refused(place, "must be a string or an array");
  return each_element(content, place, [&](JsonValue block, const Place& here) -> Result<> {
    if (block.kind() != Kind::object) return refused(here, "must be an object");
    TRY(auto type, needed_word(block, here, "type"));
    if (type == "text") return add_text(parts, block, here);
    if (type == "image") return add_image(parts, block, here);
    return refused(here.in("type"), kNotCarried);
  });
}

Result<> add_file(ChatParts& parts, JsonValue source, JsonValue title, const Place& place) {
  CHECK(check_fields(source, place, kBase64Fields));
  auto& out = parts.add();
  out.open().member_text("type", "file").key("file").open();
  if (title) {
    out.member("filename", title);
  } else {
    out.member_text("filename", "document.pdf");  // Chat takes none without a name
  }
  CHECK(write_data_url(out, "file_data", source, place));
  out.close().close();
  return {};
}

Result<> add_document(ChatParts& parts, JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kDocumentFields));
  TRY(auto citations, given(block, place, "citations", Kind::object));
  if (citations) CHECK(check_fields(citations, place.in("citations"), kCitationsFields));
  TRY(auto title, given(block, place, "title", Kind::string));
  TRY(auto context, given(block, place, "context", Kind::string));
  const auto here = place.in("source");
  TRY(auto source, needed(block, place, "source", Kind::object));
  TRY(auto type, needed_word(source, here, "type"));
  if (context) parts.add_text(context);
  if (type == "base64") return add_file(parts, source, title, here);
  if (title) parts.add_text(title);
  if (type == "text") {
    CHECK(check_fields(source, here, kBase64Fields));
    TRY(auto data, needed(source, here, "data", Kind::string));
    parts.add_text(data);
    return {};
  }
  if (type == "content") {
    CHECK(check_fields(source, here, kContentFields));
    return add_inner_content(parts, source.find("content"), here.in("content"));
  }
  return refused(here.in("type"), kNotCarried);  // Chat fetches no document, and has no other's files
}

}  // namespace

void ChatParts::add_text(JsonValue text) {
  only_text_ = count_++ == 0 ? text : JsonValue();
  out_.open().member_text("type", "text").member("text", text).close();
}

void ChatParts::add_words(std::string_view words) {
  ++count_;
  only_text_ = {};
  out_.open().member_text("type", "text").member_text("text", words).close();
}

void ChatParts::write_to(JsonText& out) const {
  if (empty()) {
    out.text("");
  } else if (only_text_) {
    out.raw(only_text_.raw());
  } else {
    out.open_list().raw(parts_).close_list();
  }
}

void ChatParts::move_to(ChatParts& others) {
  if (empty()) return;
  others.add().raw(parts_);
  others.count_ += count_ - 1;
}

Result<> add_user_block(ChatParts& parts, JsonValue block, std::string_view type, const Place& place) {
  if (type == "text") return add_text(parts, block, place);
  if (type == "image") return add_image(parts, block, place);
  if (type == "document") return add_document(parts, block, place);
  return refused(place.in("type"), kNotCarried);
}

Result<> add_text_only(ChatParts& parts, JsonValue block, std::string_view type, const Place& place) {
  if (type == "text") return add_text(parts, block, place);
  return refused(place.in("type"), kNotCarried);
}

}  // namespace relay::chat_translation
