// What an exchange about a file, a batch or a stored response knows more than others.
#pragma once

#include "domain/provider_object.h"

#include <memory>
#include <string>
#include <string_view>

namespace relay {

/// Reads an answer's payload as it passes, in the tap's place. The bytes are good for the call only.
class PayloadReader {
 public:
  virtual ~PayloadReader() = default;
  virtual void feed(std::string_view payload) = 0;
  virtual void end() = 0;
};

struct ObjectExchange {
  ProviderObject found;  // what the call is about; empty for a new one and for a list
  // Of a list, which is put together from what the provider is asked: behind the collection, in the place of
  // the client's own.
  std::string path;
  std::string query;
  bool of_list = false;
  std::unique_ptr<PayloadReader> reader{};  // none: the payload is nobody's business
};

}  // namespace relay
