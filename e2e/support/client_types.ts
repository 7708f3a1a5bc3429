// The types of examples/typescript-client, made from the OpenAPI document.
import { resolve } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";

export const clientTypesFile = resolve("../examples/typescript-client/src/schema.d.ts");

export async function clientTypes(document: any): Promise<string> {
  const types = astToString(await openapiTS(structuredClone(document)));
  return `// Made from /openapi.json by \`./dev client\`. Do not edit.\n\n${types}`;
}
