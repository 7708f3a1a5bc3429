// Looking at the beginning of an answer before the client gets any of it.
#pragma once

#include "relay/phases.h"

#include <memory>
#include <string>

namespace relay {

/// What an error says of itself: in a body, or in the first event of a stream.
struct ErrorWords {
  bool is_error = false;
  std::string type;  // "overloaded_error", …; may be empty
  std::string code;  // of OpenAI's, beside the type; may be empty
  std::string message;
};
/// Of `text`, a JSON error body or the data of an error event, in either provider's words.
ErrorWords error_words(std::string_view text, JsonIndex& json);

/// Waits for the first event of exchange.answer's stream, whose head has come, and says whether it is an
/// error. Nothing is taken away: head and bytes stand for stream() as they came, and where the event had come
/// with the head, which is mostly so, nothing has been copied either. Lets go after a comment, or 64 KB.
/// gateway_timeout, bad_gateway when no event comes; such an attempt is settled.
Task<ErrorWords> look_at_first_event(Exchange& exchange, Settlement& settlement, const AttemptLimits& limits);

/// Of exchange.answer, as far as it has come: head and rest lie in exchange.input, and survive a co_await.
/// Behind it see_answer_again() puts the head back where stream() looks for it.
void keep_answer(Exchange& exchange);
void see_answer_again(Exchange& exchange);

struct HeldFailure {
  std::shared_ptr<const KeptFailure> answer;  // null: it is too long, or did not come whole
  ErrorWords words;
};
/// Waits for the whole body of an error answer. It stands for stream() as it came.
Awaitable<HeldFailure> hold_failure(Exchange& exchange, const AttemptLimits& limits);

/// Answers with what a provider said to an earlier attempt, or an earlier call: byte for byte, or in the
/// client's dialect. `retry_after` takes the place of the provider's own.
Task<> answer_kept(Exchange& exchange, std::shared_ptr<const KeptFailure> failure,
                   std::optional<std::chrono::seconds> retry_after);

}  // namespace relay
