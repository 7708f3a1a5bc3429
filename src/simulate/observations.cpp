#include "simulate/observations.h"

#include "simulate/wire_text.h"
#include "text/base64.h"

namespace relay::simulate {

void Observations::received(std::string_view head, std::string_view body) {
  requests_.fetch_add(1, kOrder);
  const std::lock_guard lock(mutex_);
  head_.assign(head);
  body_.assign(body.substr(0, kKeptBytesMax));
  body_bytes_ = body.size();
}

std::string Observations::stats() const {
  std::string out;
  append(out, R"({"requests":)", requests_.load(kOrder), R"(,"answered":)", answered_.load(kOrder),
         R"(,"open_connections":)", open_.load(kOrder), R"(,"accepted_connections":)", accepted_.load(kOrder),
         R"(,"aborted":)", aborted_.load(kOrder), R"(,"last_abort_ms":)", last_abort_ms_.load(kOrder), "}");
  return out;
}

std::string Observations::last() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  append(out, R"({"head":")", to_base64(head_), R"(","body":")", to_base64(body_), R"(","body_bytes":)",
         body_bytes_, "}");
  return out;
}

void Observations::reset() {
  for (auto* counter : {&accepted_, &requests_, &answered_, &aborted_, &last_abort_ms_})
    counter->store(0, kOrder);
  const std::lock_guard lock(mutex_);
  head_.clear();
  body_.clear();
  body_bytes_ = 0;
}

}  // namespace relay::simulate
