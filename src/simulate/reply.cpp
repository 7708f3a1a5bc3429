#include "simulate/answer.h"
#include "simulate/wire_text.h"

#include <algorithm>

namespace relay::simulate {
namespace {

constexpr std::size_t kEchoBytesMax = 200;
constexpr std::size_t kUnicodeTextBytes = 64;
constexpr std::size_t kPieceBytes = 16;
constexpr std::string_view kFiller = "token ";
constexpr std::string_view kUnicodeFiller = "\u00e9\u4e16\U0001f642";  // 2, 3 and 4 bytes

void append_filler(std::string& out, std::size_t bytes, bool unicode) {
  const auto filler = unicode ? kUnicodeFiller : kFiller;
  for (; bytes >= filler.size(); bytes -= filler.size()) out.append(filler);
  // A character is whole, and the number of bytes what was asked for.
  const auto part = utf8_prefix(filler, bytes);
  out.append(part).append(bytes - part.size(), '.');
}

std::string text_for(const Prompt& prompt) {
  if (!prompt.tool.empty()) return "Using " + prompt.tool + ".";
  if (prompt.tool_output)
    return "The tool said: " + std::string(utf8_prefix(*prompt.tool_output, kEchoBytesMax));
  return "You said: " + std::string(utf8_prefix(prompt.text, kEchoBytesMax));
}

}  // namespace

std::string filler(std::size_t bytes, bool unicode) {
  if (!unicode) return std::string(bytes, 'x');
  std::string out;
  append_filler(out, bytes, true);
  return out;
}

std::string Reply::whole_text() const {
  std::string all = text;
  for (std::size_t event = 0; event < filler_events; ++event) append_filler(all, filler_bytes, unicode);
  return all;
}

bool TextPieces::done() const {
  return at_ >= (reply_.filler_events > 0 ? reply_.filler_events : reply_.text.size());
}

bool TextPieces::append_next(std::string& out) {
  if (done()) return false;
  if (reply_.filler_events > 0) {
    ++at_;
    out.push_back('"');
    append_filler(out, reply_.filler_bytes, reply_.unicode);
    out.push_back('"');
    return true;
  }
  auto piece = utf8_prefix(std::string_view(reply_.text).substr(at_), kPieceBytes);
  if (piece.empty()) piece = std::string_view(reply_.text).substr(at_);  // no UTF-8 at all
  append_json_string(out, piece);
  at_ += piece.size();
  return true;
}

Reply make_reply(Prompt prompt, const Shape& shape, std::string id, std::int64_t now_s) {
  Reply reply{.id = std::move(id), .prompt = std::move(prompt)};
  reply.created_s = now_s;
  reply.no_usage = shape.no_usage;
  reply.unicode = shape.unicode;
  if (reply.prompt.thinking) {
    reply.thinking = "They want to hear it again.";
    reply.thinking_tokens = tokens_of(reply.thinking.size());
  }
  if (shape.size && !reply.prompt.stream) {
    reply.body_bytes = *shape.size;
    reply.output_tokens = tokens_of(*shape.size);
  } else if (shape.events || shape.size) {
    reply.filler_events = shape.events.value_or(1);
    reply.filler_bytes = shape.size.value_or(kFiller.size());
    reply.output_tokens = tokens_of(reply.filler_events * reply.filler_bytes);
  } else {
    reply.text = text_for(reply.prompt);
    if (shape.unicode) append_filler(reply.text, kUnicodeTextBytes, true);
    const auto room = reply.prompt.tokens_max.value_or(INT64_MAX);
    const auto tokens = tokens_of(reply.text.size());
    reply.cut_by_limit = tokens > room;
    if (reply.cut_by_limit) {
      reply.text = utf8_prefix(reply.text, static_cast<std::size_t>(room) * 4);
      reply.prompt.tool.clear();
    }
    reply.output_tokens = std::min(tokens, room);
    if (reply.calls_tool()) reply.output_tokens += tokens_of(reply.prompt.tool_input.size());
  }
  reply.output_tokens = std::max<std::int64_t>(1, reply.output_tokens + reply.thinking_tokens);
  return reply;
}

}  // namespace relay::simulate
