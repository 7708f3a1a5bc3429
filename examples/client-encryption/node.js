// The same with node:crypto, for the command line. The password comes from the environment or from a line of stdin:
//   node node.js http://127.0.0.1:3001 register ada@example.com ada
//   node node.js http://127.0.0.1:3001 login ada@example.com
import { constants, publicEncrypt } from "node:crypto";
import { createInterface } from "node:readline/promises";

const [relay, call, email, username] = process.argv.slice(2);
if (!["register", "login"].includes(call) || !email) {
  console.error("usage: node node.js RELAY register EMAIL USERNAME | RELAY login EMAIL");
  process.exit(2);
}

const encrypt = (publicKey, text) =>
  publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(text, "utf8")).toString("base64");

async function readPassword() {
  if (process.env.RELAY_PASSWORD) return process.env.RELAY_PASSWORD;
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return "";
}

const password = await readPassword();
const { publicKey, nonce } = await (await fetch(`${relay}/api/client/auth/public-key`)).json();
const encryptedPassword = encrypt(publicKey, password);
const body = call === "login" ? { email, encryptedPassword, nonce } : { email, username, encryptedPassword, encryptedConfirmPassword: encrypt(publicKey, password), nonce };
const answer = await fetch(`${relay}/api/client/auth/${call}`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const { data, message, code } = await answer.json();
if (!answer.ok) {
  console.error(`${message} (${code})`);
  process.exit(1);
}
console.log(`${call === "login" ? "Logged in" : "Registered"} as ${data.user.email}, until ${data.expiresAt}`);
