// `./dev client`: writes the typed client's types anew.
import { writeFile } from "node:fs/promises";
import { clientTypes, clientTypesFile } from "./client_types";
import { Relay } from "./relay";

const relay = await Relay.start();
const { body } = await relay.get("/openapi.json");
await writeFile(clientTypesFile, await clientTypes(body));
await relay.stop();
console.log(`wrote ${clientTypesFile}`);
