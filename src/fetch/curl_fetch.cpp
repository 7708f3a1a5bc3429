#include "fetch/curl_fetch.h"

#include "net/outgoing_guard.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace relay {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// What libcurl calls back into, on the pool's thread.
struct Transfer {
  std::size_t body_bytes_max = 0;
  bool allow_private = false;
  bool refused_address = false;
  bool too_large = false;
  std::string body{};
};

std::size_t keep_body(char* data, std::size_t, std::size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (bytes > transfer.body_bytes_max - transfer.body.size()) {
    transfer.too_large = true;
    return 0;  // not what was given: libcurl ends the transfer
  }
  transfer.body.append(data, bytes);
  return bytes;
}

// The last moment before connect, with the very address: a name that resolves anew cannot slip past it.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* to) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.allow_private && !is_public_address(to->addr)) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

Error failed(std::string cause) {
  return Error(ErrorKind::unavailable, "fetch_failed",
               "Another service could not be reached. Please try again.")
      .because(std::move(cause))
      .retry_in(std::chrono::seconds(5));
}

HeaderList header_list(const FetchRequest& request) {
  HeaderList list;
  const auto append = [&list](const std::string& line) {
    auto* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) append(name + ": " + value);
  append("Expect:");  // no 100-continue for the small bodies that we send
  return list;
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (const auto code = curl_easy_setopt(handle, option, value); code != CURLE_OK) {
    throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
  }
}

}  // namespace

CurlFetch::CurlFetch(BlockingPool& pool, Settings settings) : pool_(pool), settings_(std::move(settings)) {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl does not start");
  });
}

Task<FetchedAnswer> CurlFetch::fetch(FetchRequest request) {
  auto work = [this, request = std::move(request)] { return perform(request); };
  co_return co_await pool_.run(std::move(work));
}

Result<FetchedAnswer> CurlFetch::perform(const FetchRequest& request) const {
  const Handle handle(curl_easy_init());
  if (!handle) return failed("no handle");
  Transfer transfer{.body_bytes_max = settings_.body_bytes_max, .allow_private = settings_.allow_private};
  const auto headers = header_list(request);
  auto* curl = handle.get();
  const char* protocols = settings_.allow_private ? "https,http" : "https";
  set(curl, CURLOPT_URL, request.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, protocols);
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_PROXY, "");  // a proxy would connect in our place, where we cannot look
  set(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings_.ca_file.empty()) set(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
  set(curl, CURLOPT_USERAGENT, "claude-relay");  // GitHub refuses calls without one
  set(curl, CURLOPT_HTTPHEADER, headers.get());
  set(curl, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(curl, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&transfer));
  set(curl, CURLOPT_WRITEFUNCTION, &keep_body);
  set(curl, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  if (request.method == "POST") {
    set(curl, CURLOPT_POST, 1L);
    set(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    set(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  }
  const auto code = curl_easy_perform(curl);
  if (transfer.refused_address) return failed("the address is not public: see ALLOW_PRIVATE_UPSTREAMS");
  if (transfer.too_large) return failed("the answer is too large");
  if (code != CURLE_OK) return failed(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return FetchedAnswer{.status = static_cast<int>(status), .body = std::move(transfer.body)};
}

}  // namespace relay
