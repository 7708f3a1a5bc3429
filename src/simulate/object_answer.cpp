#include "simulate/object_answer.h"

#include "simulate/wire_text.h"
#include "text/rfc3339.h"

namespace relay::simulate {
namespace {

std::string time_text(std::int64_t seconds) { return to_rfc3339(WallTime(std::chrono::seconds(seconds))); }

constexpr std::int64_t kDay = 86'400;

}  // namespace

std::string file_body(Dialect dialect, const NewFile& file) {
  std::string out;
  if (dialect == Dialect::anthropic) {
    append(out, R"({"id":")", file.id, R"(","type":"file","filename":"file.txt","mime_type":"text/plain",)",
           R"("size_bytes":)", file.bytes, R"(,"created_at":")", time_text(file.created_s),
           R"(","downloadable":true})");
    return out;
  }
  append(out, R"({"id":")", file.id, R"(","object":"file","bytes":)", file.bytes, R"(,"created_at":)",
         file.created_s, R"(,"expires_at":)", file.created_s + 30 * kDay,
         R"(,"filename":"file.jsonl","purpose":)");
  append_json_string(out, file.purpose);
  append(out, R"(,"status":"processed"})");
  return out;
}

std::string message_batch_body(std::string_view id, std::int64_t created_s, const BatchCounts& counts,
                               std::string_view results_url) {
  const bool has_ended = !results_url.empty();
  std::string out;
  append(out, R"({"id":")", id, R"(","type":"message_batch","processing_status":")",
         has_ended ? "ended" : "in_progress", R"(","request_counts":{"processing":)",
         has_ended ? 0 : counts.all(), R"(,"succeeded":)", has_ended ? counts.succeeded : 0, R"(,"errored":)",
         has_ended ? counts.failed : 0, R"(,"canceled":0,"expired":0},"ended_at":)");
  append(out, has_ended ? "\"" + time_text(created_s) + "\"" : "null", R"(,"created_at":")",
         time_text(created_s), R"(","expires_at":")", time_text(created_s + kDay),
         R"(","archived_at":null,"cancel_initiated_at":null,"results_url":)");
  append(out, has_ended ? "\"" + std::string(results_url) + "\"" : "null", "}");
  return out;
}

std::string openai_batch_body(const OpenaiBatch& batch) {
  const bool has_ended = !batch.output_file_id.empty();
  std::string out;
  append(out, R"({"id":")", batch.id, R"(","object":"batch","endpoint":)");
  append_json_string(out, batch.endpoint);
  append(out, R"(,"errors":null,"input_file_id":)");
  append_json_string(out, batch.input_file_id);
  append(out, R"(,"completion_window":"24h","status":")", has_ended ? "completed" : "in_progress",
         R"(","output_file_id":)",
         has_ended ? "\"" + std::string(batch.output_file_id) + "\"" : std::string("null"),
         R"(,"error_file_id":null,"created_at":)", batch.created_s, R"(,"completed_at":)");
  append(out, has_ended ? std::to_string(batch.created_s) : "null", R"(,"request_counts":{"total":)",
         batch.counts.all(), R"(,"completed":)", has_ended ? batch.counts.succeeded : 0, R"(,"failed":)",
         has_ended ? batch.counts.failed : 0, R"(},"metadata":null})");
  return out;
}

std::string deleted_body(const KeptObject& object) {
  std::string out;
  append(out, R"({"id":")", object.id, "\",");
  if (object.dialect == Dialect::anthropic) {
    append(out, R"("type":")", object.collection == "/v1/files" ? "file_deleted" : "message_batch_deleted",
           R"("})");
  } else {
    append(out, R"("object":")", object.collection == "/v1/files" ? "file" : "response",
           R"(","deleted":true})");
  }
  return out;
}

std::string objects_list_body(Dialect dialect,
                              const std::vector<std::shared_ptr<const KeptObject>>& objects) {
  std::string out = dialect == Dialect::anthropic ? "{" : R"({"object":"list",)";
  append(out, R"("data":[)");
  for (std::size_t i = 0; i < objects.size(); ++i) append(out, i == 0 ? "" : ",", objects[i]->body);
  const auto id = [&](std::size_t at) { return objects.empty() ? "null" : "\"" + objects[at]->id + "\""; };
  append(out, R"(],"first_id":)", id(0), R"(,"last_id":)", id(objects.size() - 1), R"(,"has_more":false})");
  return out;
}

}  // namespace relay::simulate
