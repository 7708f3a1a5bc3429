// Base32 of RFC 4648 section 6, as authenticator apps take secrets: upper case, no padding.
#pragma once

#include <string>
#include <string_view>

namespace relay {

std::string to_base32(std::string_view bytes);

}  // namespace relay
