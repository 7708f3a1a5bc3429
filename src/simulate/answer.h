// An answer as the provider means it, before framing, timing and faults.
#pragma once

#include "base/error.h"
#include "simulate/prompt.h"
#include "simulate/shape.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace relay::simulate {

enum class Dialect : std::uint8_t { anthropic, openai, none };

/// The events of a stream, made one at a time.
class EventStream {
 public:
  virtual ~EventStream() = default;
  /// Appends the next event. False when it was the last one; not to be called again then.
  virtual bool next(std::string& out) = 0;
  /// Appends what keeps a waiting stream alive.
  virtual void ping(std::string& out) const = 0;
  /// Appends an error as the provider sends it inside a stream. Empty `code`: the usual one.
  virtual void fail(std::string& out, std::string_view code) const = 0;
};

struct Answer {
  int status = 200;
  Dialect dialect = Dialect::none;
  std::string_view content_type = "application/json";  // static storage
  std::string body = {};                               // without a stream
  std::unique_ptr<EventStream> stream = {};            // or null
};

/// What the model says, worked out once for JSON and stream alike.
struct Reply {
  std::string id;  // 24 letters and digits, unique
  Prompt prompt;
  std::string thinking = {};  // shown or not
  std::string text = {};
  std::size_t filler_events = 0;  // instead of text: so many events
  std::size_t filler_bytes = 0;   // of so many bytes each
  std::int64_t output_tokens = 0;
  std::int64_t thinking_tokens = 0;
  std::int64_t created_s = 0;                  // Unix time
  std::optional<std::size_t> body_bytes = {};  // of a JSON answer
  bool cut_by_limit = false;                   // by max_tokens
  bool no_usage = false;
  bool unicode = false;

  bool calls_tool() const { return !prompt.tool.empty(); }
  /// All of the text, also when it is filler.
  std::string whole_text() const;
};

/// Gives out the text of a reply event by event. The reply must outlive it.
class TextPieces {
 public:
  explicit TextPieces(const Reply& reply) : reply_(reply) {}
  /// Appends the next piece as a JSON string. False: there is none.
  bool append_next(std::string& out);
  bool done() const;

 private:
  const Reply& reply_;
  std::size_t at_ = 0;  // bytes of text, or events of filler
};

Reply make_reply(Prompt prompt, const Shape& shape, std::string id, std::int64_t now_s);

/// 200 with JSON or a stream, as the prompt asks.
Answer messages_answer(Reply reply);
Answer count_tokens_answer(const Prompt& prompt);
Answer input_tokens_answer(const Prompt& prompt);
Answer chat_answer(Reply reply);
Answer completions_answer(Reply reply);
Answer responses_answer(Reply reply);
/// Of /v1/responses/compact: never a stream.
Answer compact_answer(const Reply& reply);

/// Vectors that are the same for the same place in the request; base64 is of little-endian floats.
Answer embeddings_answer(const EmbeddingsPrompt& prompt, bool no_usage);

/// The provider's list of models, or one of them. `query` as sent: limit, after_id, before_id (Anthropic).
Answer models_answer(Dialect dialect, std::string_view query, std::string_view request_id);
Answer model_answer(Dialect dialect, std::string_view id, std::string_view request_id);

/// An error of that status in the dialect's shape. Empty `code` and `message`: the usual ones of the status;
/// `param` is OpenAI's.
Answer provider_error(Dialect dialect, int status, std::string_view code, std::string_view message,
                      std::string_view request_id, std::string_view param = {});

/// Text of so many bytes.
std::string filler(std::size_t bytes, bool unicode);

/// Renders until the body has `reply.body_bytes`: `render(out, text)` writes it with that text.
template <class Render>
std::string render_body(const Reply& reply, Render&& render) {
  std::string out;
  if (!reply.body_bytes) {
    render(out, reply.whole_text());
    return out;
  }
  render(out, std::string_view());
  if (out.size() >= *reply.body_bytes) return out;
  const auto padding = filler(*reply.body_bytes - out.size(), reply.unicode);
  out.clear();
  out.reserve(*reply.body_bytes);
  render(out, padding);
  return out;
}

}  // namespace relay::simulate
