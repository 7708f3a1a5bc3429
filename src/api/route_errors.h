// Which errors a route may answer with: those that it states, and those that follow from what it is.
#pragma once

#include "api/route.h"

namespace relay {

/// What a parameter in a path may be long.
inline constexpr std::size_t kPathValueCharactersMax = 200;

/// Each kind once, with all its codes, in the order of ErrorKind.
Errors errors_of(const Route& route);

/// Whether `error` is one of them. Faults of ours (5xx) are each route's, whatever their code.
bool states(const Route& route, const Error& error);

}  // namespace relay
