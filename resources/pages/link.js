
"use strict";
// The page behind the links in mails. The token leaves the address bar at once, and goes to the relay only when
// somebody presses the button: a mail scanner that opens links uses none up.
const kinds = {
  "verify-email": {
    title: "Verify your e-mail address",
    words: "Press the button to say that this address is yours.",
    button: "Verify",
    call: "verify-email",
    done: "Your e-mail address is verified. You can close this page.",
  },
  "reset-password": {
    title: "Set a new password",
    words: "It ends all sessions of your account.",
    button: "Set the password",
    call: "reset-password",
    done: "Your password is set. You can sign in with it now.",
  },
  "restore-email": {
    title: "Take the change of your address back",
    words: "Your account gets its earlier e-mail address back, and all its sessions end. Set a new password afterwards.",
    button: "Take it back",
    call: "restore-email",
    done: "Your account has its earlier address again. Set a new password now: ask for a link with \u201cforgot password\u201d.",
  },
};
const byId = (id) => document.getElementById(id);
const kind = kinds[location.pathname.replace(/\/$/, "").split("/").pop()] ?? kinds["verify-email"];
const api = new URL("api/client/auth/", location.href.replace(/\/(?=[?#]|$)/, ""));
const token = new URLSearchParams(location.search).get("token") ?? "";
history.replaceState(null, "", location.pathname);

byId("title").textContent = document.title = kind.title;
byId("words").textContent = kind.words;
byId("button").textContent = kind.button;
byId("passwords").hidden = kind.call !== "reset-password";
byId("form").hidden = false;

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.message ?? "The relay did not answer. Please try again.");
  return body;
}

// As the API wants passwords: RSA-OAEP with SHA-256, base64. Only a secure context can: elsewhere it goes as it is.
async function passwordFields() {
  const password = byId("password").value;
  if (password !== byId("confirm").value) throw new Error("Passwords do not match");
  if (!window.isSecureContext) return { password };
  const { publicKey, nonce } = await answerOf(await fetch(new URL("public-key", api)));
  const der = Uint8Array.from(atob(publicKey.replace(/-----[^-]+-----|\s/g, "")), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("spki", der, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "RSA-OAEP" }, key, new TextEncoder().encode(password));
  return { encryptedPassword: btoa(String.fromCharCode(...new Uint8Array(sealed))), nonce };
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("button").disabled = true;
  try {
    const fields = kind.call === "reset-password" ? await passwordFields() : {};
    const request = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ...fields }),
    };
    await answerOf(await fetch(new URL(kind.call, api), request));
    byId("form").hidden = true;
    byId("words").textContent = "";
    byId("outcome").textContent = kind.done;
  } catch (error) {
    byId("outcome").textContent = error.message;
    byId("button").disabled = false;
  }
});
