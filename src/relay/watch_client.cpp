#include "relay/phases.h"

namespace relay {

void watch_client(Exchange& exchange) {
  exchange.client.client().watch([&exchange] {
    exchange.client_gone = true;
    if (exchange.place != nullptr) exchange.place->end();
    if (exchange.upstream) exchange.upstream->close();
    if (exchange.beside != nullptr) {
      exchange.beside->client_gone = true;
      if (exchange.beside->upstream) exchange.beside->upstream->close();
    }
    exchange.client.client().close();
  });
}

}  // namespace relay
