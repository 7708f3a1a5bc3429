// Times that tests measure on the wall clock.
#pragma once

namespace relay::test {

/// The bound that a measured time is held to: `bound` in a release build. A sanitized program is several
/// times as slow, and another one runs beside it: there it tells what waits for ever from what does not, no
/// more.
template <class Time>
constexpr Time held_to(Time bound) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return bound * 8;
#else
  return bound;
#endif
}

}  // namespace relay::test
