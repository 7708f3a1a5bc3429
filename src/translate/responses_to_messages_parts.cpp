#include "translate/responses_to_messages_parts.h"

#include "text/base64.h"
#include "text/utf8.h"
#include "translate/data_url.h"
#include "translate/messages_responses_words.h"

#include <algorithm>
#include <array>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kPictures{"image/jpeg", "image/png", "image/gif", "image/webp"};

json::object base64_source(const DataUrl& data) {
  return {{"type", "base64"}, {"media_type", data.media_type}, {"data", data.base64}};
}
json::object url_source(std::string_view url) { return {{"type", "url"}, {"url", url}}; }

bool is_web_url(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

Result<json::object> picture_block(const RequestPart& part) {
  CHECK(part.only({"type", "image_url", "detail"}));
  TRY(const auto url, part.text("image_url"));
  if (is_web_url(url)) return json::object{{"type", "image"}, {"source", url_source(url)}};
  const auto data = split_data_url(url);
  if (!data) return part.refuse("image_url", "must be an http(s) URL or a data URL in base64");
  if (std::ranges::find(kPictures, data->media_type) == kPictures.end()) {
    return part.refuse("image_url", "must be of JPEG, PNG, GIF or WebP");
  }
  return json::object{{"type", "image"}, {"source", base64_source(*data)}};
}

Result<json::object> file_source(const RequestPart& part, std::string_view file_data) {
  const auto data = split_data_url(file_data);
  if (!data) return part.refuse("file_data", "must be a data URL in base64");
  if (data->media_type == "application/pdf") return base64_source(*data);
  if (data->media_type != "text/plain") return part.refuse("file_data", "must be a PDF or plain text");
  const auto text = parse_base64(data->base64);
  if (!text || !is_utf8(*text)) return part.refuse("file_data", "must be UTF-8 in base64");
  return json::object{{"type", "text"}, {"media_type", "text/plain"}, {"data", *text}};
}

Result<json::object> file_block(const RequestPart& part) {
  CHECK(part.only({"type", "file_url", "file_data", "filename", "detail"}));
  TRY(const auto url, part.optional_text("file_url"));
  TRY(const auto data, part.optional_text("file_data"));
  TRY(const auto filename, part.optional_text("filename"));
  if (url && data) return part.refuse("file_url", "can't be given beside file_data");
  json::object block{{"type", "document"}};
  if (url) {
    block["source"] = url_source(*url);
    return block;
  }
  if (!data) return part.refuse("file_data", "is required");
  TRY(auto source, file_source(part, *data));
  block["source"] = std::move(source);
  // What messages_to_responses calls a document without a title.
  const bool is_named = filename && *filename != kPdfName && *filename != kTextName;
  if (is_named) block["title"] = *filename;
  return block;
}

Result<> carry_text(const RequestPart& part, std::string_view member, json::array& blocks) {
  TRY(const auto text, part.text(member));
  if (!text.empty()) blocks.push_back(text_block(text));
  return ok;
}

Result<> carry_part(const RequestPart& part, json::array& blocks) {
  TRY(const auto type, part.text("type"));
  if (type == "input_text" || type == "output_text" || type == "text") {
    CHECK(part.only({"type", "text", "annotations", "logprobs"}));
    return carry_text(part, "text", blocks);
  }
  if (type == "refusal") {
    CHECK(part.only({"type", "refusal"}));
    return carry_text(part, "refusal", blocks);
  }
  if (type == "input_image") {
    TRY(auto block, picture_block(part));
    blocks.push_back(std::move(block));
    return ok;
  }
  if (type == "input_file") {
    TRY(auto block, file_block(part));
    blocks.push_back(std::move(block));
    return ok;
  }
  return part.refuse("type", "can't be carried to the model that serves this call");
}

}  // namespace

json::object text_block(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

Result<> carry_parts(const RequestPart& item, std::string_view member, json::array& blocks) {
  const auto* content = item.find(member);
  if (content == nullptr) return item.refuse(member, "is required");
  if (content->is_string()) return carry_text(item, member, blocks);
  if (!content->is_array()) return item.refuse(member, "must be a string or an array");
  const auto& parts = content->get_array();
  const auto path = item.path_of(member);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TRY(const auto part, RequestPart::of(parts[i], entry_path(path, i)));
    CHECK(carry_part(part, blocks));
  }
  return ok;
}

}  // namespace relay::messages_responses
