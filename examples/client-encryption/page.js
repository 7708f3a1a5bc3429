import { login, register } from "./password_encryption.js";

const relay = document.getElementById("relay");
const outcome = document.getElementById("outcome");
relay.value = new URLSearchParams(location.search).get("relay") ?? relay.value;

function onSubmit(form, act, words) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    outcome.className = "";
    outcome.textContent = "…";
    try {
      const { user } = await act(relay.value, Object.fromEntries(new FormData(form)));
      outcome.className = "good";
      outcome.textContent = `${words} ${user.email}`;
    } catch (error) {
      outcome.className = "bad";
      outcome.textContent = error.message;
    }
  });
}

onSubmit(document.getElementById("register"), register, "Registered as");
onSubmit(document.getElementById("login"), login, "Logged in as");
