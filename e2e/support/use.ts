// One of each for the tests of a file: up before the first, down after the last. Call the upstream's first.
import { afterAll, beforeAll, beforeEach } from "vitest";
import { Provider } from "./provider";
import { Relay, type RelayOptions } from "./relay";
import { Simulate } from "./simulate";

/** What it did is forgotten before every test. */
export function useProvider(): Provider {
  const provider = new Provider();
  const wellBehaved = provider.reply;
  beforeAll(async () => {
    await provider.listen();
  });
  beforeEach(() => {
    provider.clear();
    provider.reply = wellBehaved;
  });
  afterAll(() => provider.stop());
  return provider;
}

export function useSimulate(): { readonly simulate: Simulate } {
  let simulate: Simulate | undefined;
  beforeAll(async () => {
    simulate = await Simulate.start();
  });
  afterAll(async () => {
    await simulate?.stop();
  });
  return {
    get simulate() {
      if (!simulate) throw new Error("simulate is not up yet");
      return simulate;
    },
  };
}

/** `options` is called when the upstream is up. */
export function useRelay(options: () => RelayOptions = () => ({})): { readonly relay: Relay } {
  let relay: Relay | undefined;
  beforeAll(async () => {
    relay = await Relay.start(options());
  });
  afterAll(async () => {
    await relay?.stop();
  });
  return {
    get relay() {
      if (!relay) throw new Error("the relay is not up yet");
      return relay;
    },
  };
}
