#include "servers/redis_server.h"

#include "fakes/blocking_socket.h"
#include "fakes/test_certificate.h"

#include <csignal>
#include <thread>

namespace relay::test {

RedisServer::RedisServer(bool tls, std::vector<std::string> more) : tls_(tls), more_(std::move(more)) {
  if (tls_) write_certificate(ca_file(), folder_.file("key.pem"), "IP:127.0.0.1");
  start();
}

std::unique_ptr<RedisServer> RedisServer::with_tls() {
  return std::unique_ptr<RedisServer>(new RedisServer(true, {}));
}

void RedisServer::start() {
  std::vector<std::string> words{"redis-server",
                                 "--bind",
                                 "127.0.0.1",
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "yes",
                                 "--appendfsync",
                                 "no",
                                 "--dir",
                                 folder_.path(),
                                 "--daemonize",
                                 "no",
                                 tls_ ? "--tls-port" : "--port",
                                 std::to_string(port_)};
  if (tls_) {
    for (const auto& word :
         {std::string("--port"), std::string("0"), std::string("--tls-cert-file"), ca_file(),
          std::string("--tls-key-file"), folder_.file("key.pem"), std::string("--tls-ca-cert-file"),
          ca_file(), std::string("--tls-auth-clients"), std::string("no")}) {
      words.push_back(word);
    }
  }
  words.insert(words.end(), more_.begin(), more_.end());
  process_ = std::make_unique<ChildProcess>(std::move(words), folder_.file("log"));
  wait_for_port(*process_, port_, folder_.file("log"));
  // It listens before it has read its data again.
  for (int i = 0; !tls_ && i < 2000 && say("PING").starts_with("-LOADING"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void RedisServer::kill() {
  process_->send(SIGKILL);
  static_cast<void>(process_->wait());
}

std::string RedisServer::say(const std::string& command) const {
  auto socket = BlockingSocket::to_port(port_);
  socket.send(command + "\r\n");
  auto line = socket.receive_until("\r\n");
  line.resize(line.size() - std::min<std::size_t>(line.size(), 2));
  if (!line.starts_with('$')) return line;
  const auto size = std::stol(line.substr(1));
  return size < 0 ? std::string() : socket.receive_exactly(static_cast<std::size_t>(size));
}

RedisCluster::RedisCluster() {
  constexpr std::size_t kNodes = 3;
  const std::vector<std::string> slots{"0 5460", "5461 10922", "10923 16383"};
  std::vector<std::string> buses;
  for (std::size_t at = 0; at < kNodes; ++at) {
    buses.push_back(std::to_string(free_port()));  // by itself it would be the port + 10000, if there is one
    nodes_.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port", buses.back(),
                                 "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no"}));
    const auto added = nodes_[at]->say("CLUSTER ADDSLOTSRANGE " + slots[at]);
    if (added != "+OK") throw std::runtime_error("CLUSTER ADDSLOTSRANGE: " + added);
  }
  for (std::size_t at = 1; at < kNodes; ++at) {
    nodes_[0]->say("CLUSTER MEET 127.0.0.1 " + std::to_string(nodes_[at]->port()) + " " + buses[at]);
  }
  for (int tries = 0; tries < 3000; ++tries) {
    std::size_t whole = 0;
    for (const auto& node : nodes_) {
      const auto info = node->say("CLUSTER INFO");
      if (info.find("cluster_slots_ok:16384") != std::string::npos &&
          info.find("cluster_state:ok") != std::string::npos) {
        ++whole;
      }
    }
    if (whole == kNodes) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("the cluster does not come together");
}

RedisServer& shared_redis() {
  static RedisServer server;
  return server;
}

}  // namespace relay::test
