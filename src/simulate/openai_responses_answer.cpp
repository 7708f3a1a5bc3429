// Answers of OpenAI's Responses API, as JSON and as numbered events.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

namespace relay::simulate {
namespace {

void append_responses_usage(std::string& out, const Reply& reply) {
  const auto& input = reply.prompt.input;
  append(out, R"({"input_tokens":)", input.all(), R"(,"input_tokens_details":{"cached_tokens":)",
         input.cache_read, R"(},"output_tokens":)", reply.output_tokens,
         R"(,"output_tokens_details":{"reasoning_tokens":)", reply.thinking_tokens, R"(},"total_tokens":)",
         input.all() + reply.output_tokens, "}");
}

void append_text_part(std::string& out, std::string_view text) {
  append(out, R"({"type":"output_text","annotations":[],"logprobs":[],"text":)");
  append_json_string(out, text);
  out.push_back('}');
}

/// The one item of the output. Without `text` it is just being begun.
void append_item(std::string& out, const Reply& reply, const std::string_view* text) {
  const std::string_view status = !text ? "in_progress" : reply.cut_by_limit ? "incomplete" : "completed";
  if (reply.calls_tool()) {
    append(out, R"({"id":"fc_)", reply.id, R"(","type":"function_call","status":")", status,
           R"(","call_id":"call_)", reply.id, R"(","name":)");
    append_json_string(out, reply.prompt.tool);
    append(out, R"(,"arguments":)");
    append_json_string(out, text ? std::string_view(reply.prompt.tool_input) : std::string_view());
    out.push_back('}');
    return;
  }
  append(out, R"({"id":"msg_)", reply.id, R"(","type":"message","status":")", status,
         R"(","role":"assistant","content":[)");
  if (text) append_text_part(out, *text);
  append(out, "]}");
}

/// The response object. Without `text` it is still running; `failure`: the code of why it never will be done.
void append_response(std::string& out, const Reply& reply, const std::string_view* text,
                     std::string_view failure = {}) {
  const bool failed = !failure.empty();
  const std::string_view status = failed               ? "failed"
                                  : !text              ? "in_progress"
                                  : reply.cut_by_limit ? "incomplete"
                                                       : "completed";
  append(out, R"({"id":"resp_)", reply.id, R"(","object":"response","created_at":)", reply.created_s,
         R"(,"status":")", status, R"(","background":false,"error":)");
  if (failed) {
    append(out, R"({"code":")", failure,
           R"(","message":"The server had an error while processing your request."})");
  } else {
    append(out, "null");
  }
  append(out, R"(,"incomplete_details":)",
         status == "incomplete" ? R"({"reason":"max_output_tokens"})" : "null",
         R"(,"instructions":null,"max_output_tokens":null,"model":)");
  append_json_string(out, reply.prompt.model);
  append(out, R"(,"output":[)");
  if (text) append_item(out, reply, text);
  append(
      out,
      R"(],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null})",
      R"(,"service_tier":"default","store":false,"temperature":1.0,"text":{"format":{"type":"text"}})",
      R"(,"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":)");
  if (text && !reply.no_usage) {
    append_responses_usage(out, reply);
  } else {
    append(out, "null");
  }
  append(out, R"(,"user":null,"metadata":{}})");
}

class ResponseEvents final : public EventStream {
 public:
  explicit ResponseEvents(Reply reply) : reply_(std::move(reply)), pieces_(reply_) {}
  ResponseEvents(const ResponseEvents&) = delete;
  ResponseEvents& operator=(const ResponseEvents&) = delete;

  bool next(std::string& out) override {
    switch (step_) {
      case Step::created:
        begin(out, "response.created", R"("response":)");
        append_response(out, reply_, nullptr);
        return end(out, Step::in_progress);
      case Step::in_progress:
        begin(out, "response.in_progress", R"("response":)");
        append_response(out, reply_, nullptr);
        return end(out, Step::item_added);
      case Step::item_added:
        begin(out, "response.output_item.added", R"("output_index":0,"item":)");
        append_item(out, reply_, nullptr);
        return end(out, reply_.calls_tool() ? Step::arguments_delta : Step::part_added);
      case Step::part_added:
        begin_part(out, "response.content_part.added", R"("part":)");
        append_text_part(out, {});
        return end(out, after_text());
      case Step::text_delta:
        begin_part(out, "response.output_text.delta", R"("logprobs":[],"delta":)");
        pieces_.append_next(out);
        return end(out, after_text());
      case Step::text_done:
        begin_part(out, "response.output_text.done", R"("logprobs":[],"text":)");
        append_json_string(out, reply_.whole_text());
        return end(out, Step::part_done);
      case Step::part_done:
        begin_part(out, "response.content_part.done", R"("part":)");
        append_text_part(out, reply_.whole_text());
        return end(out, Step::item_done);
      case Step::arguments_delta:
        begin_call(out, "response.function_call_arguments.delta", R"("delta":)");
        append_json_string(out, reply_.prompt.tool_input);
        return end(out, Step::arguments_done);
      case Step::arguments_done:
        begin_call(out, "response.function_call_arguments.done", R"("arguments":)");
        append_json_string(out, reply_.prompt.tool_input);
        return end(out, Step::item_done);
      case Step::item_done: {
        begin(out, "response.output_item.done", R"("output_index":0,"item":)");
        const auto all = reply_.whole_text();
        const std::string_view text(all);
        append_item(out, reply_, &text);
        return end(out, Step::completed);
      }
      case Step::completed: {
        begin(out, reply_.cut_by_limit ? "response.incomplete" : "response.completed", R"("response":)");
        const auto all = reply_.whole_text();
        const std::string_view text(all);
        append_response(out, reply_, &text);
        end(out, Step::completed);
        return false;
      }
    }
    return false;
  }

  void ping(std::string& out) const override { append(out, ": keep-alive\n\n"); }

  void fail(std::string& out, std::string_view code) const override {
    append(out, "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":", number_,
           R"(,"response":)");
    append_response(out, reply_, nullptr, code.empty() ? "server_error" : code);
    append(out, "}\n\n");
  }

 private:
  enum class Step : std::uint8_t {
    created,
    in_progress,
    item_added,
    part_added,
    text_delta,
    text_done,
    part_done,
    arguments_delta,
    arguments_done,
    item_done,
    completed,
  };

  Step after_text() const { return pieces_.done() ? Step::text_done : Step::text_delta; }

  void begin(std::string& out, std::string_view type, std::string_view rest) {
    append(out, "event: ", type, "\ndata: {\"type\":\"", type, R"(","sequence_number":)", number_++, ",",
           rest);
  }

  void begin_part(std::string& out, std::string_view type, std::string_view rest) {
    begin(out, type, R"("item_id":"msg_)");
    append(out, reply_.id, R"(","output_index":0,"content_index":0,)", rest);
  }

  void begin_call(std::string& out, std::string_view type, std::string_view rest) {
    begin(out, type, R"("item_id":"fc_)");
    append(out, reply_.id, R"(","output_index":0,)", rest);
  }

  bool end(std::string& out, Step step) {
    append(out, "}\n\n");
    step_ = step;
    return true;
  }

  Reply reply_;
  TextPieces pieces_;
  Step step_ = Step::created;
  int number_ = 0;
};

}  // namespace

Answer responses_answer(Reply reply) {
  Answer answer{.dialect = Dialect::openai};
  if (reply.prompt.stream) {
    answer.content_type = "text/event-stream; charset=utf-8";
    answer.stream = std::make_unique<ResponseEvents>(std::move(reply));
    return answer;
  }
  answer.body = render_body(
      reply, [&reply](std::string& out, std::string_view text) { append_response(out, reply, &text); });
  return answer;
}

Answer compact_answer(const Reply& reply) {
  Answer answer{.dialect = Dialect::openai};
  append(answer.body, R"({"id":"resp_)", reply.id, R"(","object":"response.compaction","created_at":)",
         reply.created_s, R"(,"output":[)");
  const auto text = reply.whole_text();
  append(answer.body, R"({"type":"message","role":"user","content":[{"type":"input_text","text":)");
  append_json_string(answer.body, text);
  append(answer.body, R"(}]},{"id":"cmp_)", reply.id,
         R"(","type":"compaction","encrypted_content":"c2ltdWxhdGVk"}])");
  if (!reply.no_usage) {
    append(answer.body, R"(,"usage":)");
    append_responses_usage(answer.body, reply);
  }
  answer.body.push_back('}');
  return answer;
}

Answer input_tokens_answer(const Prompt& prompt) {
  Answer answer{.dialect = Dialect::openai};
  append(answer.body, R"({"object":"response.input_tokens","input_tokens":)", prompt.input.all(), "}");
  return answer;
}

}  // namespace relay::simulate
