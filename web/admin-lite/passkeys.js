// Passkeys, as the browser makes and uses them (Web Authentication, Level 2).

import { CallError, base64_of, bytes_of, identity } from "./calls.js";

export const passkeys_work = window.isSecureContext && "PublicKeyCredential" in window;

// What the browser gave; nothing when the person would not, or could not, show who he is: browsers
// do not tell these apart.
// ERRORS: CallError with the code `browser`
async function ask_browser(asked) {
  try {
    return await asked();
  } catch (error) {
    if (error.name === "NotAllowedError" || error.name === "AbortError") return undefined;
    if (error.name === "InvalidStateError") throw new CallError("browser", "passkey_known");
    if (error.name === "SecurityError") throw new CallError("browser", "passkey_needs_name");
    throw new CallError("browser", error.message);
  }
}

// A server that is opened by its address has no name that a passkey could be for.
async function begin(method, request) {
  try {
    return await identity(method, request);
  } catch (error) {
    if (error.field === "relying_party") throw new CallError("browser", "passkey_needs_name");
    throw error;
  }
}

// A new passkey, kept by the server under `name`; nothing as above.
export async function make_passkey(password, name) {
  const begun = await begin("BeginPasskey", { password });
  const made = await ask_browser(() => navigator.credentials.create({
    publicKey: {
      challenge: bytes_of(begun.challenge),
      rp: { id: begun.relyingParty, name: "RustBill" },
      user: { id: bytes_of(begun.userHandle), name: begun.username, displayName: begun.displayName ?? "" },
      pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: (begun.knownCredentialIds ?? []).map((id) => ({ type: "public-key", id: bytes_of(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
    },
  }));
  return made && identity("ConfirmPasskey", {
    name,
    clientDataJson: base64_of(made.response.clientDataJSON),
    authenticatorData: base64_of(made.response.getAuthenticatorData()),
  });
}

// Signs in with any passkey that the browser has for this page; nothing as above.
export async function sign_in_with_passkey() {
  const begun = await begin("BeginPasskeySignIn");
  const used = await ask_browser(() => navigator.credentials.get({
    publicKey: { challenge: bytes_of(begun.challenge), rpId: begun.relyingParty, userVerification: "required" },
  }));
  return used && identity("Login", {
    userType: "admin",
    passkey: {
      credentialId: base64_of(used.rawId),
      clientDataJson: base64_of(used.response.clientDataJSON),
      authenticatorData: base64_of(used.response.authenticatorData),
      signature: base64_of(used.response.signature),
    },
  });
}
