#include "domain/email_token.h"

namespace relay {

std::string_view to_string(EmailTokenPurpose purpose) {
  return purpose == EmailTokenPurpose::verify ? "verify" : "reset";
}

}  // namespace relay
