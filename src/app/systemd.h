// What systemd gives to a service and wants to hear from it: sd_listen_fds(3) and sd_notify(3), without its
// library.
#pragma once

#include <string_view>
#include <vector>

namespace relay {

/// The sockets of a .socket unit, in its order, for this process; empty: there are none. They are the
/// caller's. Once: it takes the variables out of the environment. Before there are threads.
std::vector<int> take_systemd_sockets();

/// "READY=1", "STOPPING=1", "MAINPID=…": lines of sd_notify(3). Of no effect where nobody listens, and never
/// waits.
void tell_systemd(std::string_view lines);

}  // namespace relay
