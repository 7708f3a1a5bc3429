// claude-relay simulate: the stand-in provider.
#include "app/commands/commands.h"
#include "app/descriptor_limit.h"
#include "simulate/shape.h"
#include "simulate/simulator.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

namespace relay {
namespace {

void simulate_until_signal(const Simulator::Settings& settings) {
  allow_many_descriptors();
  // Blocked before threads are made, which take it over: only sigwait gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  Simulator simulator(settings);
  simulator.start();
  const auto scheme = settings.tls_certificate_file.empty() ? "http://" : "https://";
  std::cout << "simulate listening on " << scheme << settings.host << ":" << simulator.port() << std::endl;
  int signal = 0;
  sigwait(&ends, &signal);
}

std::string words() {
  std::ostringstream out;
  out << "Ask for shapes and faults in the header x-simulate (k=v,k=v), behind \"--\" in the model's name\n"
         "(claude-opus-5-5--cut=3), or at the start of the user's text ([[simulate: cut=3]]):\n";
  for (const auto& word : simulate::shape_words()) {
    out << "  " << std::left << std::setw(20) << word.word << " " << word.meaning << "\n";
  }
  return out.str();
}

}  // namespace

void add_simulate_command(CLI::App& root, CommandContext&) {
  auto* command = root.add_subcommand("simulate", "Be a provider that costs nothing, for trying and testing");
  const auto settings = std::make_shared<Simulator::Settings>();
  command->add_option("--host", settings->host, "IPv4 address to listen on")->capture_default_str();
  command->add_option("--port", settings->port, "Port; 0: any free one")->capture_default_str();
  command->add_option("--threads", settings->threads, "Threads")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  auto* certificate =
      command->add_option("--tls-cert", settings->tls_certificate_file, "Certificate with its chain (PEM)");
  auto* key = command->add_option("--tls-key", settings->tls_key_file, "Its key (PEM)")->needs(certificate);
  certificate->needs(key);
  command->add_option("--require-key", settings->required_key, "The only key that is let in");
  command->footer(words());
  command->callback([settings] {
    try {
      simulate_until_signal(*settings);
    } catch (const std::exception& failed) {
      throw CommandFailure(failed.what());
    }
  });
}

}  // namespace relay
