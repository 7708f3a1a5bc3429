// Encrypted passwords for Claude Relay's client API, with WebCrypto: the same module runs in browsers and in Node 20.
// RSA-OAEP, SHA-256 for hash and MGF1, base64; one nonce serves all fields of one request.

/** The key and a fresh nonce: one for each request, good for 5 minutes. */
export async function signInKey(relay) {
  const answer = await fetch(`${relay}/api/client/auth/public-key`);
  const { publicKey, nonce, message } = await answer.json();
  if (!answer.ok) throw new Error(message);
  return { publicKey, nonce };
}

/** Base64 of the encrypted text. `publicKey` is SPKI in PEM. */
export async function encrypt(publicKey, text) {
  const key = await crypto.subtle.importKey("spki", bytesOfPem(publicKey), { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  const encrypted = await crypto.subtle.encrypt({ name: "RSA-OAEP" }, key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(encrypted)));
}

/** The new person with token and refreshToken; throws RelayError when refused. */
export async function register(relay, { email, username, password, confirmPassword }) {
  const { publicKey, nonce } = await signInKey(relay);
  return post(relay, "register", {
    email,
    username,
    encryptedPassword: await encrypt(publicKey, password),
    encryptedConfirmPassword: await encrypt(publicKey, confirmPassword),
    nonce,
  });
}

/** The person with token and refreshToken; throws RelayError when refused. */
export async function login(relay, { email, password }) {
  const { publicKey, nonce } = await signInKey(relay);
  return post(relay, "login", { email, encryptedPassword: await encrypt(publicKey, password), nonce });
}

/** What the relay refused: `code` is for programs, `details` names each wrong field. */
export class RelayError extends Error {
  constructor({ message, error, code, details }) {
    super(message);
    Object.assign(this, { name: error, code, details });
  }
}

async function post(relay, call, body) {
  const answer = await fetch(`${relay}/api/client/auth/${call}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const parsed = await answer.json();
  if (!answer.ok) throw new RelayError(parsed);
  return parsed.data;
}

function bytesOfPem(pem) {
  const base64 = pem.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, "");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
