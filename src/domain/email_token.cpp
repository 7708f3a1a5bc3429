#include "domain/email_token.h"

namespace relay {

std::string_view to_string(EmailTokenPurpose purpose) {
  switch (purpose) {
    case EmailTokenPurpose::verify:
      return "verify";
    case EmailTokenPurpose::reset:
      return "reset";
    case EmailTokenPurpose::restore:
      return "restore";
  }
  return "verify";
}

}  // namespace relay
