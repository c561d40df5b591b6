// The built-in administrators' page: signs in over Connect JSON and shows whether the server, its
// database, its providers and its gateways work. Text only ever enters the page as text.

const texts = {
  "zh-CN": {
    other: "English", sign_in: "登录", username: "用户名", password: "密码", sign_out: "退出登录",
    signed_in_as: "当前管理员", process: "服务进程", database: "数据库", providers: "供应商",
    gateways: "支付方式", id: "标识", name: "名称", kind: "类型", state: "状态",
    works: "正常", fails: "异常", sandbox: "（沙箱：不出售真实资源）", none: "暂无",
    unreachable: "无法连接服务器", unauthenticated: "用户名或密码错误",
    resource_exhausted: "尝试过于频繁，请稍后再试", not_admin: "该账号不是管理员",
    scope: "此页仅供查看运行状态；日常管理请使用 rustbill-cli 或 API。",
    events: "已放弃、等待处理的任务", error: "最后的错误", attempts: "尝试次数", since: "时间",
    orphans: "供应商处无人认领的服务器", opened_for: "原为实例", address: "地址",
  },
  en: {
    other: "中文", sign_in: "Sign in", username: "User name", password: "Password",
    sign_out: "Sign out", signed_in_as: "Administrator", process: "Server", database: "Database",
    providers: "Providers", gateways: "Payment ways", id: "Id", name: "Name", kind: "Kind",
    state: "State", works: "works", fails: "fails", sandbox: " (sandbox: sells nothing real)",
    none: "None yet", unreachable: "The server cannot be reached",
    unauthenticated: "Wrong user name or password",
    resource_exhausted: "Too many attempts; try again in a moment",
    not_admin: "This account is not an administrator",
    scope: "This page shows whether the shop works; daily administration is done with rustbill-cli or the API.",
    events: "Work that was given up and waits for people", error: "Last error", attempts: "Attempts",
    since: "Since", orphans: "Servers at providers that nobody here knows", opened_for: "Opened for",
    address: "Address",
  },
};

const storage_key = "rustbill.language";
let language = localStorage.getItem(storage_key) ?? (navigator.language.startsWith("zh") ? "zh-CN" : "en");
if (!(language in texts)) language = "zh-CN";
const text = (key) => texts[language][key];
const element = (id) => document.getElementById(id);

class CallError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// One unary call by the Connect protocol.
async function call(method, request) {
  let answer;
  try {
    answer = await fetch(`/rustbill.${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", "connect-protocol-version": "1" },
      body: JSON.stringify(request ?? {}),
      credentials: "same-origin",
    });
  } catch {
    throw new CallError("unavailable", text("unreachable"));
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new CallError(body.code ?? "unknown", body.message ?? `HTTP ${answer.status}`);
  return body;
}

function show(section) {
  for (const id of ["sign-in", "overview"]) element(id).hidden = id !== section;
}

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  element("language").textContent = text("other");
}

function state_cell(node, works, addition = "") {
  node.textContent = text(works ? "works" : "fails") + addition;
  node.className = works ? "good" : "bad";
}

// Rows are texts, and, where `works` is known, a state after them.
function fill(body, rows) {
  body.replaceChildren();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row.texts) line.insertCell().textContent = value ?? "";
    if (row.works !== undefined) state_cell(line.insertCell(), row.works, row.addition);
  }
  if (rows.length === 0) {
    const cell = body.insertRow().insertCell();
    cell.colSpan = body.parentElement.tHead.rows[0].cells.length;
    cell.textContent = text("none");
  }
}

// A list that not every administrator may read; the heading counts what the first page has no room for.
async function fill_if_allowed(name, method, rows_of) {
  let answer;
  try {
    answer = await call(method);
  } catch (error) {
    if (error.code !== "permission_denied") throw error;
  }
  element(`${name}-part`).hidden = answer === undefined;
  if (answer === undefined) return;
  element(`${name}-total`).textContent = answer.meta?.total ?? 0;
  fill(element(name), rows_of(answer).map((texts) => ({ texts })));
}

const local_time = (text) => text && new Date(text).toLocaleString(language);

async function probe(path) {
  try {
    return (await fetch(path, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

async function refresh_overview() {
  const [alive, ready, providers, gateways] = await Promise.all([
    probe("/health"), probe("/ready"),
    call("integration.IntegrationService/ListProviders"),
    call("integration.IntegrationService/ListGateways"),
  ]);
  state_cell(element("health"), alive);
  state_cell(element("ready"), ready);
  fill(element("providers"), (providers.providers ?? []).map((provider) => ({
    texts: [provider.providerId, provider.providerName, provider.providerType],
    works: provider.isHealthy === true,
    addition: provider.isSandbox ? text("sandbox") : "",
  })));
  fill(element("gateways"), (gateways.gateways ?? []).map((gateway) => ({
    texts: [gateway.gatewayId, gateway.gatewayName],
    works: gateway.isHealthy === true,
  })));
  await fill_if_allowed("events", "integration.EventService/ListDeadEvents", (answer) => (answer.events ?? [])
    .map((event) => [event.kind, event.lastError, event.attempts, local_time(event.createdAt)]));
  await fill_if_allowed("orphans", "instance.InstanceService/ListOrphanServers", (answer) => (answer.servers ?? [])
    .map((server) => [`${server.providerId}: ${server.providerInstanceId}`, server.ipAddress,
      server.openedForInstanceId, local_time(server.firstSeenAt)]));
}

function problem(message) {
  const node = document.querySelector("#sign-in .problem");
  node.textContent = message;
  node.hidden = message === "";
}

async function enter() {
  try {
    const { user } = await call("identity.IdentityService/GetMe");
    if (user?.userType !== "admin") throw new CallError("permission_denied", text("not_admin"));
    element("who").textContent = user.displayName || user.username;
    show("overview");
    await refresh_overview();
  } catch (error) {
    show("sign-in");
    // Not being signed in yet is no problem to report.
    if (error.code !== "unauthenticated") problem(error.message);
  }
}

document.querySelector("#sign-in form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  button.disabled = true;
  problem("");
  try {
    await call("identity.IdentityService/Login", {
      username: form.username.value, password: form.password.value, userType: "admin",
    });
    form.reset();
    await enter();
  } catch (error) {
    problem(text(error.code) ?? error.message);
  } finally {
    button.disabled = false;
  }
});

element("sign-out").addEventListener("click", async () => {
  await call("identity.IdentityService/Logout").catch(() => {});
  show("sign-in");
});

element("language").addEventListener("click", () => {
  language = language === "en" ? "zh-CN" : "en";
  localStorage.setItem(storage_key, language);
  translate();
  if (!element("overview").hidden) refresh_overview().catch(() => {});
});

translate();
fetch("/admin/version.json").then((answer) => answer.json())
  .then(({ version }) => { element("version").textContent = version; })
  .catch(() => {});
enter();
