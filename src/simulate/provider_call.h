// A request in the stand-in provider's hands, for its own files.
#pragma once

#include "simulate/provider.h"

namespace relay::simulate {

struct Provider::Call {
  const ParsedHead& head;
  std::string_view body;
  std::string request_id;
  Dialect dialect = Dialect::openai;
  Turn turn;
};

}  // namespace relay::simulate
