// Calls to the server, by the Connect protocol in JSON.

export class CallError extends Error {
  // `message` is a key of texts.js, where the page itself found out; else a sentence of the server,
  // for which the page may have words of its own.
  constructor(code, message, reason = code) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  // The field of the request that the server did not like: "code: is wrong".
  get field() {
    return /^(\w+): /.exec(this.message)?.[1] ?? "";
  }
}

// One unary call. ERRORS: CallError
export async function call(method, request = {}) {
  let answer;
  try {
    answer = await fetch(`/rustbill.${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", "connect-protocol-version": "1" },
      body: JSON.stringify(request),
      credentials: "same-origin",
    });
  } catch {
    throw new CallError("unavailable", "unreachable");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new CallError(body.code ?? "unknown", body.message ?? `HTTP ${answer.status}`, body.reason);
  }
  return body;
}

export const identity = (method, request) => call(`identity.IdentityService/${method}`, request);

// Bytes stand in JSON as base64; the browser's own functions want and give buffers.
export const bytes_of = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
export const base64_of = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
