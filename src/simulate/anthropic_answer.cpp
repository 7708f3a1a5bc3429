// Answers of the Anthropic Messages API, as JSON and as events.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

namespace relay::simulate {
namespace {

constexpr std::string_view kSignature =
    "EqQBCkYIBxgCKkBzaW11bGF0ZWQgc2lnbmF0dXJlIG9mIGEgdGhpbmtpbmcgYmxvY2s=";

std::string_view stop_reason(const Reply& reply) {
  if (reply.cut_by_limit) return "max_tokens";
  return reply.calls_tool() ? "tool_use" : "end_turn";
}

void append_usage(std::string& out, const Reply& reply, std::int64_t output_tokens) {
  const auto& input = reply.prompt.input;
  append(out, R"("usage":{"input_tokens":)", input.plain, R"(,"cache_creation_input_tokens":)",
         input.cache_write(), R"(,"cache_read_input_tokens":)", input.cache_read,
         R"(,"cache_creation":{"ephemeral_5m_input_tokens":)", input.cache_write_5m,
         R"(,"ephemeral_1h_input_tokens":)", input.cache_write_1h, R"(},"output_tokens":)", output_tokens,
         R"(,"service_tier":"standard"})");
}

void append_message_start(std::string& out, const Reply& reply) {
  append(out, R"({"model":)");
  append_json_string(out, reply.prompt.model);
  append(out, R"(,"id":"msg_01)", reply.id, R"(","type":"message","role":"assistant","content":[)");
}

std::string_view shown_thinking(const Reply& reply) {
  return reply.prompt.thinking_omitted ? std::string_view() : reply.thinking;
}

void append_content(std::string& out, const Reply& reply, std::string_view text) {
  if (reply.prompt.thinking) {
    append(out, R"({"type":"thinking","thinking":)");
    append_json_string(out, shown_thinking(reply));
    append(out, R"(,"signature":")", kSignature, R"("},)");
  }
  append(out, R"({"type":"text","text":)");
  append_json_string(out, text);
  out.push_back('}');
  if (reply.calls_tool()) {
    append(out, R"(,{"type":"tool_use","id":"toolu_01)", reply.id, R"(","name":)");
    append_json_string(out, reply.prompt.tool);
    append(out, R"(,"input":)", reply.prompt.tool_input, "}");
  }
}

class MessageEvents final : public EventStream {
 public:
  explicit MessageEvents(Reply reply) : reply_(std::move(reply)), pieces_(reply_) {}
  MessageEvents(const MessageEvents&) = delete;
  MessageEvents& operator=(const MessageEvents&) = delete;

  bool next(std::string& out) override {
    switch (step_) {
      case Step::message_start:
        return message_start(out), go(reply_.prompt.thinking ? Step::thinking_start : Step::text_start);
      case Step::thinking_start:
        begin_block(out, R"({"type":"thinking","thinking":"","signature":""})");
        return go(shown_thinking(reply_).empty() ? Step::signature : Step::thinking);
      case Step::thinking:
        begin_delta(out, R"({"type":"thinking_delta","thinking":)");
        append_json_string(out, shown_thinking(reply_));
        return end_delta(out), go(Step::signature);
      case Step::signature:
        begin_delta(out, R"({"type":"signature_delta","signature":")");
        append(out, kSignature, "\"");
        return end_delta(out), go(Step::thinking_stop);
      case Step::thinking_stop:
        return end_block(out), go(Step::text_start);
      case Step::text_start:
        return begin_block(out, R"({"type":"text","text":""})"), go(Step::ping);
      case Step::ping:
        return ping(out), go(pieces_.done() ? Step::text_stop : Step::text);
      case Step::text:
        begin_delta(out, R"({"type":"text_delta","text":)");
        pieces_.append_next(out);
        return end_delta(out), go(pieces_.done() ? Step::text_stop : Step::text);
      case Step::text_stop:
        return end_block(out), go(reply_.calls_tool() ? Step::tool_start : Step::message_delta);
      case Step::tool_start:
        return tool_start(out), go(Step::tool_empty);
      case Step::tool_empty:
        return tool_input(out, ""), go(Step::tool_first);
      case Step::tool_first:
        return tool_input(out, first_half()), go(Step::tool_second);
      case Step::tool_second:
        return tool_input(out, std::string_view(reply_.prompt.tool_input).substr(first_half().size())),
               go(Step::tool_stop);
      case Step::tool_stop:
        return end_block(out), go(Step::message_delta);
      case Step::message_delta:
        return message_delta(out), go(Step::message_stop);
      case Step::message_stop:
        append(out, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        return false;
    }
    return false;
  }

  void ping(std::string& out) const override { append(out, "event: ping\ndata: {\"type\": \"ping\"}\n\n"); }

  void fail(std::string& out, std::string_view code) const override {
    append(out, "event: error\ndata: ", R"({"type":"error","error":{"details":null,"type":")",
           code.empty() ? "overloaded_error" : code, R"(","message":"Overloaded"}})", "\n\n");
  }

 private:
  enum class Step : std::uint8_t {
    message_start,
    thinking_start,
    thinking,
    signature,
    thinking_stop,
    text_start,
    ping,
    text,
    text_stop,
    tool_start,
    tool_empty,
    tool_first,
    tool_second,
    tool_stop,
    message_delta,
    message_stop,
  };

  bool go(Step step) {
    step_ = step;
    return true;
  }

  void message_start(std::string& out) const {
    append(out, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
    append_message_start(out, reply_);
    append(out, R"(],"stop_reason":null,"stop_sequence":null)");
    if (!reply_.no_usage) {
      out.push_back(',');
      append_usage(out, reply_, 1);
    }
    append(out, "}}\n\n");
  }

  void begin_block(std::string& out, std::string_view block) const {
    append(out, "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", index_,
           R"(,"content_block":)", block, "}\n\n");
  }

  void end_block(std::string& out) {
    append(out, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":", index_,
           "}\n\n");
    ++index_;
  }

  void begin_delta(std::string& out, std::string_view delta) const {
    append(out, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", index_,
           R"(,"delta":)", delta);
  }

  static void end_delta(std::string& out) { append(out, "}}\n\n"); }

  void tool_start(std::string& out) const {
    std::string block;
    append(block, R"({"type":"tool_use","id":"toolu_01)", reply_.id, R"(","name":)");
    append_json_string(block, reply_.prompt.tool);
    append(block, R"(,"input":{}})");
    begin_block(out, block);
  }

  std::string_view first_half() const {
    return utf8_prefix(reply_.prompt.tool_input, reply_.prompt.tool_input.size() / 2);
  }

  void tool_input(std::string& out, std::string_view part) const {
    begin_delta(out, R"({"type":"input_json_delta","partial_json":)");
    append_json_string(out, part);
    end_delta(out);
  }

  void message_delta(std::string& out) const {
    append(out, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"",
           stop_reason(reply_), R"(","stop_sequence":null})");
    if (!reply_.no_usage) {
      const auto& input = reply_.prompt.input;
      append(out, R"(,"usage":{"input_tokens":)", input.plain, R"(,"cache_creation_input_tokens":)",
             input.cache_write(), R"(,"cache_read_input_tokens":)", input.cache_read, R"(,"output_tokens":)",
             reply_.output_tokens, "}");
    }
    append(out, "}\n\n");
  }

  Reply reply_;
  TextPieces pieces_;
  Step step_ = Step::message_start;
  int index_ = 0;
};

}  // namespace

Answer messages_answer(Reply reply) {
  Answer answer{.dialect = Dialect::anthropic};
  if (reply.prompt.stream) {
    answer.content_type = "text/event-stream; charset=utf-8";
    answer.stream = std::make_unique<MessageEvents>(std::move(reply));
    return answer;
  }
  answer.body = render_body(reply, [&reply](std::string& out, std::string_view text) {
    append_message_start(out, reply);
    append_content(out, reply, text);
    append(out, R"(],"stop_reason":")", stop_reason(reply), R"(","stop_sequence":null)");
    if (!reply.no_usage) {
      out.push_back(',');
      append_usage(out, reply, reply.output_tokens);
    }
    out.push_back('}');
  });
  return answer;
}

Answer count_tokens_answer(const Prompt& prompt) {
  Answer answer{.dialect = Dialect::anthropic};
  append(answer.body, R"({"input_tokens":)", prompt.input.plain, "}");
  return answer;
}

}  // namespace relay::simulate
