// The head of an answer that the relay itself makes.
#pragma once

#include "http/message.h"

#include <string>
#include <string_view>

namespace relay {

struct AnswerFraming {
  bool keep_alive = true;
  bool http_1_0 = false;
};

/// Status line, the answer's headers, Content-Length and Connection, and the empty line. Header values
/// with a control character are left out: nothing may split an answer.
std::string answer_head(const HttpAnswer& answer, AnswerFraming framing);

/// RFC 9110 15; "Unknown" for a status that it does not name.
std::string_view reason_phrase(int status);

}  // namespace relay
