// Answers of OpenAI's chat completions and completions, as JSON and as chunks.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

namespace relay::simulate {
namespace {

std::string_view finish_reason(const Reply& reply) {
  if (reply.cut_by_limit) return "length";
  return reply.calls_tool() ? "tool_calls" : "stop";
}

void append_usage(std::string& out, const Reply& reply) {
  const auto& input = reply.prompt.input;
  append(out, R"("usage":{"prompt_tokens":)", input.all(), R"(,"completion_tokens":)", reply.output_tokens,
         R"(,"total_tokens":)", input.all() + reply.output_tokens,
         R"(,"prompt_tokens_details":{"cached_tokens":)", input.cache_read,
         R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":)", reply.thinking_tokens,
         R"(,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})");
}

/// What the two APIs call things.
struct Names {
  std::string_view id, object, chunk;
};
constexpr Names kChat{"chatcmpl-", "chat.completion", "chat.completion.chunk"};
constexpr Names kText{"cmpl-", "text_completion", "text_completion"};

void append_start(std::string& out, const Reply& reply, const Names& names, std::string_view object) {
  append(out, R"({"id":")", names.id, reply.id, R"(","object":")", object, R"(","created":)", reply.created_s,
         R"(,"model":)");
  append_json_string(out, reply.prompt.model);
  append(out, R"(,"system_fingerprint":"fp_simulate","choices":[)");
}

void append_tool_call(std::string& out, const Reply& reply, std::string_view arguments) {
  append(out, R"("id":"call_)", reply.id, R"(","type":"function","function":{"name":)");
  append_json_string(out, reply.prompt.tool);
  append(out, R"(,"arguments":)");
  append_json_string(out, arguments);
  append(out, "}}]");
}

class ChunkEvents final : public EventStream {
 public:
  ChunkEvents(Reply reply, bool chat)
      : reply_(std::move(reply)), pieces_(reply_), names_(chat ? kChat : kText), chat_(chat) {}
  ChunkEvents(const ChunkEvents&) = delete;
  ChunkEvents& operator=(const ChunkEvents&) = delete;

  bool next(std::string& out) override {
    switch (step_) {
      case Step::role:
        if (chat_) {
          begin(out, R"({"index":0,"delta":{"role":"assistant","content":"","refusal":null})");
          end(out, "null");
          return go(after_text());
        }
        [[fallthrough]];
      case Step::text:
        begin(out, chat_ ? R"({"index":0,"delta":{"content":)" : R"({"index":0,"text":)");
        if (!pieces_.append_next(out)) out.append(R"("")");
        if (chat_) out.push_back('}');
        end(out, "null");
        return go(after_text());
      case Step::tool:
        begin(out, R"({"index":0,"delta":{"tool_calls":[{"index":0,)");
        append_tool_call(out, reply_, "");
        out.push_back('}');
        end(out, "null");
        return go(Step::arguments);
      case Step::arguments:
        begin(out, R"({"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":)");
        append_json_string(out, reply_.prompt.tool_input);
        out.append("}}]}");
        end(out, "null");
        return go(Step::finish);
      case Step::finish: {
        begin(out, chat_ ? R"({"index":0,"delta":{})" : R"({"index":0,"text":"")");
        std::string reason;
        append(reason, "\"", finish_reason(reply_), "\"");
        end(out, reason);
        return go(reply_.prompt.include_usage && !reply_.no_usage ? Step::usage : Step::done);
      }
      case Step::usage:
        append(out, "data: ");
        append_start(out, reply_, names_, names_.chunk);
        append(out, "],");
        append_usage(out, reply_);
        append(out, "}\n\n");
        return go(Step::done);
      case Step::done:
        append(out, "data: [DONE]\n\n");
        return false;
    }
    return false;
  }

  void ping(std::string& out) const override { append(out, ": keep-alive\n\n"); }

  void fail(std::string& out, std::string_view code) const override {
    append(out, "data: ",
           R"({"error":{"message":"The server is overloaded.","type":"server_error","param":null,"code":)");
    if (code.empty()) {
      append(out, "null}}\n\n");
    } else {
      append(out, "\"", code, "\"}}\n\n");
    }
  }

 private:
  enum class Step : std::uint8_t { role, text, tool, arguments, finish, usage, done };

  bool go(Step step) {
    step_ = step;
    return true;
  }

  Step after_text() const {
    if (reply_.calls_tool()) return Step::tool;
    return pieces_.done() ? Step::finish : Step::text;
  }

  void begin(std::string& out, std::string_view choice) const {
    append(out, "data: ");
    append_start(out, reply_, names_, names_.chunk);
    out.append(choice);
  }

  void end(std::string& out, std::string_view reason) const {
    append(out, R"(,"logprobs":null,"finish_reason":)", reason, "}]");
    if (reply_.prompt.include_usage) out.append(R"(,"usage":null)");
    append(out, "}\n\n");
  }

  Reply reply_;
  TextPieces pieces_;
  const Names& names_;
  Step step_ = Step::role;
  bool chat_;
};

Answer stream_answer(Reply reply, bool chat) {
  Answer answer{.dialect = Dialect::openai, .content_type = "text/event-stream; charset=utf-8"};
  answer.stream = std::make_unique<ChunkEvents>(std::move(reply), chat);
  return answer;
}

void append_end(std::string& out, const Reply& reply) {
  append(out, R"(,"logprobs":null,"finish_reason":")", finish_reason(reply), R"("}])");
  if (!reply.no_usage) {
    out.push_back(',');
    append_usage(out, reply);
  }
  append(out, R"(,"service_tier":"default"})");
}

}  // namespace

Answer chat_answer(Reply reply) {
  if (reply.prompt.stream) return stream_answer(std::move(reply), true);
  Answer answer{.dialect = Dialect::openai};
  answer.body = render_body(reply, [&reply](std::string& out, std::string_view text) {
    append_start(out, reply, kChat, kChat.object);
    append(out, R"({"index":0,"message":{"role":"assistant","content":)");
    if (reply.calls_tool()) {
      append(out, R"(null,"tool_calls":[{)");
      append_tool_call(out, reply, reply.prompt.tool_input);
    } else {
      append_json_string(out, text);
    }
    append(out, R"(,"refusal":null})");
    append_end(out, reply);
  });
  return answer;
}

Answer completions_answer(Reply reply) {
  if (reply.prompt.stream) return stream_answer(std::move(reply), false);
  Answer answer{.dialect = Dialect::openai};
  answer.body = render_body(reply, [&reply](std::string& out, std::string_view text) {
    append_start(out, reply, kText, kText.object);
    append(out, R"({"index":0,"text":)");
    append_json_string(out, text);
    append_end(out, reply);
  });
  return answer;
}

}  // namespace relay::simulate
