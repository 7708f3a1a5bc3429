// A head that is accepted whole is accepted alike in every splitting; what is accepted keeps the rules.
#include "fuzz_input.h"
#include "http/field_bytes.h"
#include "http/head.h"
#include "http/header_rules.h"

#include <string>

namespace {

using namespace relay;

constexpr HeadLimits kLimits{
    .head_bytes_max = 2000, .line_bytes_max = 300, .target_bytes_max = 200, .fields_max = 12};

void check_accepted(const ParsedHead& head, std::string_view input, bool answer) {
  fuzz::require(head.head_bytes() <= kLimits.head_bytes_max && head.field_count() <= kLimits.fields_max,
                "bounds");
  const auto bytes = input.substr(0, head.head_bytes());
  fuzz::require(bytes.ends_with("\r\n\r\n"), "ends with an empty line");
  std::size_t lengths = 0;
  std::size_t hosts = 0;
  std::size_t codings = 0;
  for (const HeadField field : head.fields()) {
    fuzz::require(!field.name.empty() && field.known == known_field(field.name), "names");
    for (const char c : field.name) fuzz::require(is_token_byte(c), "names are tokens");
    for (const char c : field.value) fuzz::require(!is_forbidden_control(c), "no control bytes");
    lengths += same_field_name(field.name, "content-length");
    hosts += same_field_name(field.name, "host");
    codings += same_field_name(field.name, "transfer-encoding");
    (void)passes_to_provider(head, field);
    (void)passes_to_client(head, field);
  }
  fuzz::require(lengths + codings <= 1, "one framing");
  fuzz::require(head.content_length().has_value() == (lengths == 1) && head.chunked() == (codings == 1),
                "framing is read");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') fuzz::require(i > 0 && bytes[i - 1] == '\r', "no bare LF");
    if (bytes[i] == '\r') fuzz::require(i + 1 < bytes.size() && bytes[i + 1] == '\n', "no bare CR");
  }
  if (answer) {
    fuzz::require(head.status() >= 100 && head.status() <= 999, "status");
    (void)body_of_answer(head, false);
  } else {
    fuzz::require(hosts == 1 || (hosts == 0 && head.minor_version() == 0), "one host");
    fuzz::require(head.path() == "*" || head.path().starts_with('/'), "path");
    (void)body_of_request(head);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto input = fuzz::text_of(data + 1, size - 1);
  const bool answer = (data[0] & 1) != 0;
  const auto read = [&](HeadReader& reader, std::string_view buffer, ParsedHead& head) {
    return answer ? reader.read_answer(buffer, head) : reader.read_request(buffer, head);
  };
  ParsedHead whole;
  HeadReader reader(kLimits);
  const auto state = read(reader, input, whole);
  fuzz::require((state == HeadState::refused) == (reader.fault() != HeadFault::none),
                "a refusal has a reason");
  (void)describe(reader.fault());
  if (state == HeadState::complete) check_accepted(whole, input, answer);

  ParsedHead slow;
  HeadReader slow_reader(kLimits);
  auto slow_state = HeadState::need_more;
  std::string buffer;
  fuzz::in_pieces(input, data[0], [&](std::string_view piece) {
    buffer += piece;
    const std::string exact = buffer;
    slow_state = read(slow_reader, exact, slow);
    return slow_state == HeadState::need_more;
  });
  slow.rebase(buffer.data());
  if (state == HeadState::complete || slow_state == HeadState::complete) {
    fuzz::require(state == slow_state, "accepted in every splitting");
    check_accepted(slow, buffer, answer);
    fuzz::require(slow.head_bytes() == whole.head_bytes() && slow.field_count() == whole.field_count() &&
                      slow.target() == whole.target() && slow.status() == whole.status() &&
                      slow.content_length() == whole.content_length() &&
                      slow.keep_alive() == whole.keep_alive(),
                  "read alike in every splitting");
  }
  fuzz::require(slow_state != HeadState::refused || state == HeadState::refused,
                "refused in pieces is refused whole");
  return 0;
}
