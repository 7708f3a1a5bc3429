#include "translate/messages_to_responses_parts.h"

#include "text/base64.h"
#include "translate/data_url.h"
#include "translate/messages_responses_words.h"

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr auto kNotCarried = "can't be carried to the model that serves this call";

Result<json::object> picture(const RequestPart& block) {
  CHECK(block.only({"type", "source", "cache_control"}));
  TRY(const auto source, block.part("source"));
  TRY(const auto type, source.text("type"));
  std::string url;
  if (type == "url") {
    TRY(const auto given, source.text("url"));
    url = given;
  } else if (type == "base64") {
    TRY(const auto media_type, source.text("media_type"));
    TRY(const auto data, source.text("data"));
    url = make_data_url(media_type, data);
  } else {
    return source.refuse("type", kNotCarried);
  }
  return json::object{{"type", "input_image"}, {"image_url", std::move(url)}, {"detail", "auto"}};
}

Result<> check_document(const RequestPart& block) {
  CHECK(block.only({"type", "source", "title", "cache_control", "citations"}));
  if (!block.has("citations")) return ok;
  TRY(const auto citations, block.part("citations"));
  TRY(const auto enabled, citations.optional_flag("enabled"));
  if (enabled.value_or(false))
    return citations.refuse("enabled", "can't be had from the model that serves this call");
  return ok;
}

json::object file(std::string_view name, std::string_view media_type, std::string_view base64) {
  return {{"type", "input_file"}, {"filename", name}, {"file_data", make_data_url(media_type, base64)}};
}

Result<json::object> document(const RequestPart& block) {
  CHECK(check_document(block));
  TRY(const auto title, block.optional_text("title"));
  TRY(const auto source, block.part("source"));
  TRY(const auto type, source.text("type"));
  if (type == "url") {
    TRY(const auto url, source.text("url"));
    if (title) return block.refuse("title", "can't be carried with a URL");
    return json::object{{"type", "input_file"}, {"file_url", url}};
  }
  if (type == "base64") {
    TRY(const auto media_type, source.text("media_type"));
    TRY(const auto data, source.text("data"));
    return file(title.value_or(kPdfName), media_type, data);
  }
  if (type == "text") {
    TRY(const auto data, source.text("data"));
    return file(title.value_or(kTextName), "text/plain", to_base64(data));
  }
  return source.refuse("type", kNotCarried);
}

}  // namespace

json::object input_text(std::string_view text) { return {{"type", "input_text"}, {"text", text}}; }

Result<json::object> to_input_part(const RequestPart& block) {
  TRY(const auto type, block.text("type"));
  if (type == "image") return picture(block);
  if (type == "document") return document(block);
  if (type != "text") return block.refuse("type", kNotCarried);
  CHECK(block.only({"type", "text", "cache_control", "citations"}));
  TRY(const auto text, block.text("text"));
  return input_text(text);
}

}  // namespace relay::messages_responses
