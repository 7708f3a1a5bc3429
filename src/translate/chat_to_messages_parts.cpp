#include "translate/chat_to_messages_parts.h"

#include <algorithm>
#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

// cache_control is not of OpenAI's, but clients of gateways write it, and Messages has it.
constexpr std::array kTextFields{FieldRule{"type"}, FieldRule{"text"}, FieldRule{"cache_control"}};
constexpr std::array kRefusalFields{FieldRule{"type"}, FieldRule{"refusal"}};
constexpr std::array kImageFields{FieldRule{"type"}, FieldRule{"image_url"}, FieldRule{"cache_control"}};
constexpr std::array kImageUrlFields{FieldRule{"url"}, FieldRule{"detail", Fate::hint}};
constexpr std::array kFileFields{FieldRule{"type"}, FieldRule{"file"}, FieldRule{"cache_control"}};
constexpr std::array kFileDataFields{FieldRule{"file_data"}, FieldRule{"filename"},
                                     FieldRule{"file_id", Fate::refused}};

void end_block(JsonText& out, JsonValue cache_control) {
  if (cache_control && cache_control.kind() != Kind::null) out.member("cache_control", cache_control);
  out.close();
}

Result<> add_text(JsonText& out, JsonValue part, const Place& place) {
  CHECK(check_fields(part, place, kTextFields));
  TRY(auto text, needed(part, place, "text", Kind::string));
  add_text_block(out, text, part.find("cache_control"));
  return {};
}

Result<> add_refusal(JsonText& out, JsonValue part, const Place& place) {
  CHECK(check_fields(part, place, kRefusalFields));
  TRY(auto text, needed(part, place, "refusal", Kind::string));
  add_text_block(out, text);
  return {};
}

void base64_source(JsonText& out, const DataUrl& data) {
  out.key("source").open().member_text("type", "base64").member_text("media_type", data.media_type);
  out.member_text("data", data.base64).close();
}

Result<> add_image(JsonText& out, JsonValue part, const Place& place) {
  CHECK(check_fields(part, place, kImageFields));
  const auto here = place.in("image_url");
  const auto image = part.find("image_url");
  CHECK(check_fields(image, here, kImageUrlFields));
  TRY(auto value, needed(image, here, "url", Kind::string));
  std::string scratch;
  const auto url = value.string(scratch).value_or("");
  out.open().member_text("type", "image");
  if (url.starts_with("https://") || url.starts_with("http://")) {
    out.key("source").open().member_text("type", "url").member("url", value).close();
  } else if (const auto data = parse_data_url(url); data && data->media_type.starts_with("image/")) {
    base64_source(out, *data);
  } else {
    return refused(here.in("url"), "must be an http or https URL, or a data URL of an image in base64");
  }
  end_block(out, part.find("cache_control"));
  return {};
}

Result<> add_file(JsonText& out, JsonValue part, const Place& place) {
  CHECK(check_fields(part, place, kFileFields));
  const auto here = place.in("file");
  const auto file = part.find("file");
  CHECK(check_fields(file, here, kFileDataFields));
  TRY(auto value, needed(file, here, "file_data", Kind::string));
  TRY(auto name, given(file, here, "filename", Kind::string));
  std::string scratch;
  const auto data = parse_data_url(value.string(scratch).value_or(""));
  if (!data || data->media_type != "application/pdf")
    return refused(here.in("file_data"), "must be a data URL of application/pdf in base64");
  out.open().member_text("type", "document");
  base64_source(out, *data);
  if (name) out.member("title", name);
  end_block(out, part.find("cache_control"));
  return {};
}

struct PartKind {
  std::string_view type;
  Result<> (*add)(JsonText& out, JsonValue part, const Place& place);
  bool (*is_of)(ChatAuthor author);
};

constexpr std::array kParts{
    PartKind{"text", add_text, [](ChatAuthor) { return true; }},
    PartKind{"refusal", add_refusal, [](ChatAuthor author) { return author == ChatAuthor::assistant; }},
    PartKind{"image_url", add_image, [](ChatAuthor author) { return author == ChatAuthor::user; }},
    PartKind{"file", add_file, [](ChatAuthor author) { return author == ChatAuthor::user; }},
};

Result<> add_part(JsonText& out, JsonValue part, const Place& place, ChatAuthor author) {
  if (part.kind() != Kind::object) return refused(place, "must be an object");
  TRY(auto type, needed_word(part, place, "type"));
  const auto kind = std::ranges::find(kParts, type, &PartKind::type);
  if (kind == kParts.end() || !kind->is_of(author)) return refused(place.in("type"), kNotCarried);
  return kind->add(out, part, place);
}

}  // namespace

void add_text_block(JsonText& out, JsonValue text, JsonValue cache_control) {
  if (inside(text).empty()) return;
  out.open().member_text("type", "text").member("text", text);
  end_block(out, cache_control);
}

Result<> add_blocks(JsonText& out, JsonValue content, const Place& place, ChatAuthor author) {
  switch (content.kind()) {
    case Kind::nothing:
    case Kind::null:
      return {};
    case Kind::string:
      add_text_block(out, content);
      return {};
    case Kind::array:
      return each_element(content, place, [&](JsonValue part, const Place& here) {
        return add_part(out, part, here, author);
      });
    default:
      return refused(place, "must be a string or an array");
  }
}

}  // namespace relay::chat_translation
